mass-title = Työkalut
mass-lead = Mitä monelle tehdään kerralla. Näet ensin, kuinka montaa se koskee; työ etenee itsestään, kestää uudelleenkäynnistykset, ja sitä voi seurata ja sen voi perua.
mass-jobs = Kaikki tämän yhteisön työt
mass-backups = Varmuuskopiot ja palautukset
mass-prune-title = Poista viestejä
mass-prune-lead = Poistaa viestit, joihin kaikki valitsemasi sopii, jokaisen kanavan uusimmat ensin. Poistetut viestit eivät palaa.
mass-roles-title = Anna ja ota rooleja
mass-roles-lead = Antaa rooleja monelle jäsenelle tai ottaa ne pois. Tämän voi kumota.
mass-bans-title = Anna monta porttikieltoa
mass-bans-lead = Antaa porttikiellon kaikille, joihin valitsemasi sopii. Tämän voi kumota: palaavat saavat roolinsa takaisin.
mass-memory-title = Palaavat jäsenet
mass-memory-lead = Muistaa lähtevien roolit ja lempinimen ja antaa ne takaisin, kun he palaavat.
mass-what = Mitä
mass-who = Ketkä
mass-who-hint = Jäsenet, joihin kaikki täytetty sopii.
mass-preview = Mitä tapahtuu
mass-nothing = Ei ole mitään tehtävää.
mass-start = Aloita
mass-look = Katso kuinka monta
mass-count-prune-messages = { $count ->
    [one] Yksi viesti poistetaan.
   *[other] { $count } viestiä poistetaan.
  }
mass-count-prune-channels = { $count ->
    [one] Yksi kanava käydään läpi.
   *[other] { $count } kanavaa käydään läpi.
  }
mass-count-roles-members = { $count ->
    [one] Tämä koskee yhtä jäsentä.
   *[other] Tämä koskee { $count } jäsentä.
  }
mass-count-roles-changes = { $count ->
    [one] Heistä yhdellä jokin muuttuu.
   *[other] Heistä { $count }:lla jokin muuttuu.
  }
mass-count-bans-members = { $count ->
    [one] Yksi jäsen saa porttikiellon.
   *[other] { $count } jäsentä saa porttikiellon.
  }
mass-count-bans-strangers = { $count ->
    [one] Yksi ihminen, joka ei ole jäsen, saa porttikiellon.
   *[other] { $count } ihmistä, jotka eivät ole jäseniä, saa porttikiellon.
  }
mass-count-bans-protected = { $count ->
    [one] Yksi jäsen on liian korkealla saadakseen porttikiellon sinulta.
   *[other] { $count } jäsentä on liian korkealla saadakseen porttikiellon sinulta.
  }
mass-count-bans-already = { $count ->
    [one] Yhdellä on jo porttikielto.
   *[other] { $count }:lla on jo porttikielto.
  }
mass-channels = Vain näillä kanavilla
mass-channels-hint = Jos mitään ei ole valittu: kaikilla kanavilla, joilla saat poistaa viestejä.
mass-authors = Vain näiltä
mass-users = Vain nämä
mass-ids-hint = Tunnisteet välilyönnein tai omilla riveillään.
mass-only-bots = Vain boteilta ja webhookeilta
mass-links = Vain linkin sisältävät
mass-attachments = Vain tiedoston sisältävät
mass-embeds = Vain upotuksen sisältävät
mass-pinned = Myös kiinnitetyt viestit
mass-contains = Vain tämän tekstin sisältävät
mass-sent-after = Lähetetty jälkeen (UTC)
mass-sent-before = Lähetetty ennen (UTC)
mass-after = Viestin jälkeen, jonka tunniste on
mass-before = Ennen viestiä, jonka tunniste on
mass-max = Enintään
mass-max-hint = 1000, jos jätät tyhjäksi.
mass-per-channel = Enintään kanavaa kohti
mass-give = Anna nämä roolit
mass-take = Ota nämä roolit
mass-delete-hours = Poista heidän viestinsä viime tunneilta
mass-delete-hours-hint = 0–168; tyhjä: ei viestejä.
mass-reason = Syy
mass-reason-hint = Tapahtumalokiin.
mass-name = Nimi kuten
mass-name-hint = Käyttäjänimi, näyttönimi tai lempinimi; * on mitä tahansa, ? yksi merkki.
mass-joined-within = Liittynyt tuntien sisällä
mass-younger = Tili nuorempi kuin päivää
mass-joined-after = Liittynyt jälkeen (UTC)
mass-joined-before = Liittynyt ennen (UTC)
mass-kind = Ihmiset vai botit
mass-kind-all = Molemmat
mass-kind-people = Ihmiset
mass-kind-bots = Botit
mass-without-roles = Ilman yhtäkään roolia
mass-has-roles = Joilla on kaikki nämä roolit
mass-lacks-roles = Joilla ei ole mitään näistä rooleista
mass-memory-settings = Asetukset
mass-memory-enabled = Muista lähtevät jäsenet
mass-memory-kicked = Myös potkitut
mass-memory-banned = Myös porttikiellon saaneet
mass-memory-dangerous = Anna takaisin myös roolit, joilla on vaarallisia oikeuksia
mass-memory-days = Päiviä, kunnes heidät unohdetaan
mass-memory-whose = Roolit annetaan takaisin tallentajan nimissä, eikä koskaan hänen omaa korkeinta rooliaan ylempänä.
mass-memory-save = Tallenna
mass-memory-saved = Tallennettu.
mass-memory-people = Muistissa
mass-memory-nobody = Ketään ei ole muistissa.
mass-memory-left = lähti { $day }
mass-memory-give = Anna takaisin
mass-code-mass-refused = Et saa tehdä sitä kaikelle valitsemallesi: jokin rooli tai kanava on ulottumattomissasi.
mass-field-mass-unreadable = Tätä ei voi lukea.
mass-field-mass-everybody = Sano keitä tarkoitat: kaikille ei voi antaa porttikieltoa.
mass-field-mass-role-twice = Roolia ei voi antaa ja ottaa yhtä aikaa.
mass-job-deleted = { $count ->
    [one] Yksi viesti poistettu
   *[other] { $count } viestiä poistettu
}
mass-job-refused = { $user }: { $why }
mass-job-counts = { $done } muutettu, { $unchanged } ennallaan, { $failed } epäonnistui
mass-job-channel-gone = Kanavaa { $channel } ei enää ole.
