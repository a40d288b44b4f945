life-title = Tietosi
life-lead = Ota kopio kaikesta, mikä on sinun, tai poista tilisi.
life-open = Kopioi tai poista
life-back = Takaisin asetuksiin
life-copy = Kopio tiedoistasi
life-copy-lead = Profiili, istunnot, viestit, jäsenyydet, sovellukset ja kuvat yhtenä ZIP-tiedostona, jossa on sivu sisällöstä. Sitä säilytetään viikko.
life-copy-ask = Tee kopio
life-copy-coming = Kopiotasi tehdään. Palaa hetken kuluttua; jos sinulla on sähköpostiosoite, kirjoitamme sinulle.
life-copy-failed = Kopiota ei voitu tehdä. Yritä huomenna uudelleen tai kysy tämän palvelimen ylläpidolta.
life-copy-get = Lataa kopio
life-copy-link = Jokainen, jolla on tämän latauksen osoite, voi avata sen kymmenen minuutin ajan.
life-copy-daily = Voit pyytää yhden kopion päivässä.
life-delete-title = Poista tili
life-delete-lead = Päätät nyt, poisto tapahtuu myöhemmin: siihen asti voit muuttaa mielesi.
life-delete-open = Poista tili…
life-delete-when = { $days ->
    [0] Tilisi poistetaan heti.
    [one] Tilisi poistetaan päivän kuluttua.
   *[other] Tilisi poistetaan { $days } päivän kuluttua.
}
life-delete-signs-out = Sinut kirjataan nyt ulos kaikkialta.
life-delete-keep = Siihen asti voit pitää sen: kirjaudu sisään tai käytä lähettämämme viestin linkkiä.
life-delete-messages = Kirjoittamasi jää, kirjoittajana ”Deleted User”. Poista se itse ensin, jos et halua sitä.
life-delete-gone = Kaikki muu sinun poistuu: profiili, kuvat, sähköpostiosoite, kirjautumistavat, ystävät, jäsenyydet, reaktiot ja sovelluksille antamasi luvat.
life-delete-bots = Nämä botit ja niiden sovellukset poistuvat mukanasi:
life-delete-go = Poista tilini
life-delete-hindered = Omistat nämä yhteisöt. Luovuta ne ensin jollekulle toiselle tai poista ne:
life-not-now = Ei nyt
life-left-title = Näkemiin
life-left-lead = Tilisi poistetaan { $date }. Sinut on kirjattu ulos kaikkialta.
life-left-mail = Jos muutat mielesi, käytä matkalla olevan viestin linkkiä tai kirjaudu sisään.
life-left-sign-in = Jos muutat mielesi, kirjaudu sisään sitä ennen.
life-keep-title = Pidätkö tilisi?
life-keep-lead = Tämä tili on määrä poistaa { $date }.
life-keep-go = Pidä tilini
life-code-still-needed = Omistat yhteisöjä. Luovuta tai poista ne ensin.
life-code-leaving-already = Tämä tili odottaa jo poistoa.
life-code-keep-spent = Tämä ei ole enää voimassa: tili on jo pidetty, se on poistettu tai aikaa kului liikaa. Kirjaudu sisään, niin näet.
life-code-copy-too-soon = Voit pyytää yhden kopion päivässä.
life-index-title = Käyttäjän { $name } tiedot palvelussa { $site }
life-index-lead = Kaikki, mitä { $site } säilyttää sinusta, tiedostoina joita ihmiset ja ohjelmat voivat lukea. Tehty
life-part-accounts = Profiilisi kuvineen, asetukset, ystävät ja estot, istunnot, kirjautumistavat ja mitä ylläpito on tehnyt tilillesi.
life-part-oauth = Omistamasi sovellukset ja muille sovelluksille antamasi luvat.
life-part-chat = Yhteisöt, joissa olet, rooleinesi ja lempiniminesi, mitä jättämäsi yhteisöt muistavat sinusta, porttikieltosi, yksityiset keskustelusi, kirjoittamasi viestit, reaktiosi, kutsusi ja mihin asti olet lukenut, mitä olet tehnyt yhteisöihin ja mitä niiden lokit kertovat sinun tehneen.
life-part-gateway = Yhteytesi, joita voi vielä jatkaa.
life-part-jobs = Puolestasi tehdyt työt.
life-part-directory = Ylläpitämäsi bottien ja yhteisöjen esittelyt.
