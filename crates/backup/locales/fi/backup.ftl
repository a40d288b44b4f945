backup-title = Varmuuskopiot
backup-lead = Varmuuskopiossa on kaikki, mistä kilta koostuu. Killan voi palauttaa siitä tänne tai toiselle palvelimelle.
backup-none = Tästä killasta ei ole varmuuskopioita.
backup-make = Tee varmuuskopio
backup-with-messages = Viestit mukaan
backup-with-attachments = Viestien tiedostot mukaan
backup-with-members = Jäsenten roolit ja lempinimet mukaan
backup-with-bans = Porttikiellot mukaan
backup-passphrase = Salalause
backup-passphrase-hint = Sinetöi tiedoston. Sitä ei tallenneta minnekään: ilman sitä kukaan ei voi avata varmuuskopiota.
backup-passphrase-open = Vain, jos varmuuskopio on sinetöity.
backup-bring = Tuo varmuuskopio
backup-bring-hint = Guildhallin, AntiRaidin (iblfile) tai discord-backupin (JSON) tiedosto, enintään 512 Mt.
backup-file = Tiedosto
backup-bring-button = Lähetä
backup-brought = tuotu
backup-made = tehty täällä
backup-download = Lataa
backup-download-hint = Linkit toimivat kymmenen minuuttia.
backup-delete = Poista
backup-restore = Palauta
backup-jobs = Killan työt
backup-restore-title = Palauta varmuuskopiosta
backup-restore-lead = Ensin näet, mitä tehtäisiin ja kauanko se kestää. Kilta talletetaan ennen muutoksia, joten palautuksen voi perua; poistettujen kanavien viestit eivät palaa.
backup-where = Minne
backup-here = Tähän kiltaan
backup-new = Uuteen kiltaasi
backup-mode = Kuinka pitkälle
backup-mode-full = Kuten varmuuskopiossa: muu poistetaan
backup-mode-difference = Lisää ja muuta, älä poista mitään
backup-mode-ignore_existing = Lisää vain se, mikä puuttuu
backup-sections = Mitä
backup-section-settings = Asetukset
backup-section-roles = Roolit
backup-section-channels = Kanavat
backup-section-emojis = Emojit
backup-section-stickers = Tarrat
backup-section-members = Jäsenten roolit ja lempinimet
backup-section-bans = Porttikiellot
backup-section-messages = Viestit uusiin ja tyhjiin kanaviin
backup-section-features = Mitä palvelimen muut toiminnot tietävät killasta
backup-per-channel = Enintään näin monta viestiä kanavaa kohti
backup-protected-roles = Roolit, joihin ei kosketa
backup-protected-channels = Kanavat, joihin ei kosketa
backup-look = Näytä suunnitelma
backup-plan = Mitä tehdään
backup-plan-nothing = Ei mitään: kilta on kuten varmuuskopiossa.
backup-plan-more = ja { $count } muuta
backup-plan-time = Vähintään { $time }, kun noudatetaan palvelun { $limits } rajoja.
backup-plan-requests = { $count ->
    [one] Yksi pyyntö
   *[other] { $count } pyyntöä
}
backup-left-out = Mitä ei voi palauttaa
backup-start = Palauta nyt
backup-deed-create = Luodaan
backup-deed-alter = Muutetaan
backup-deed-delete = Poistetaan
backup-deed-order = Järjestetään
backup-deed-fill = Tuodaan takaisin
backup-what-settings = asetukset
backup-what-role = rooli
backup-what-channel = kanava
backup-what-emoji = emoji
backup-what-sticker = tarra
backup-what-members = jäsenet
backup-what-bans = porttikiellot
backup-what-messages = viestit
backup-what-feature = toiminnon tiedot:
backup-why-managed = kuuluu botille tai integraatiolle
backup-why-thread = ketjuja ei palauteta
backup-why-out_of_reach = on ylimmän roolisi yläpuolella
backup-why-no_picture = kuva ei ole varmuuskopiossa
backup-why-person_gone = joku sen oikeuksista ei ole täällä
backup-code-not-a-backup = Tämä ei ole varmuuskopio, jonka täällä voi lukea.
backup-code-backup-unknown-version = Varmuuskopio on tehty uudemmalla versiolla.
backup-code-backup-damaged = Varmuuskopio on vioittunut; siitä ei käytetty mitään.
backup-code-backup-too-big = Varmuuskopio on suurempi kuin täällä sallitaan.
backup-code-backup-needs-passphrase = Varmuuskopio on sinetöity: anna sen salalause.
backup-code-backup-wrong-passphrase = Salalause ei avaa varmuuskopiota.
backup-job-reading-file = Luetaan tiedostoa
backup-job-read-file = Tiedosto on luettu
backup-job-done = { $deed ->
    [create] Luotu
    [alter] Muutettu
    [delete] Poistettu
    [order] Järjestetty
   *[fill] Palautettu
}, { $what }: { $count }
backup-job-refused = Kohde ei sallinut: { $what } { $name }: { $why }
backup-job-left-out = Jäi pois: { $what } { $name }: { $why }
backup-job-opening = Avataan varmuuskopiota
backup-job-planning = Tehdään suunnitelmaa
backup-job-reading-guild = Luetaan kiltaa
backup-job-writing = Kirjoitetaan tiedostoa
backup-job-read = Kaikki viestit on luettu
backup-job-reading-channel = Luetaan kanavaa #{ $name }
backup-job-no-channel = Kanavaa #{ $name } ei voi lukea, joten se jää pois: { $why }
backup-job-no-file = Tiedostoa { $name } ei saada: { $why }
backup-job-no-members = Jäseniä ei voi lukea, joten he jäävät pois
backup-job-no-bans = Porttikieltoja ei voi lukea, joten ne jäävät pois
backup-job-at = { $what ->
    [settings] Asetukset
    [role] Rooli
    [channel] Kanava
    [emoji] Emoji
    [sticker] Tarra
    [members] Jäsenet
    [bans] Porttikiellot
    [messages] Viestit
   *[feature] Toiminto
} { $name }
