site-skip = Siirry sisältöön
site-navigation = Sivusto
site-directory = Hakemisto
site-chat = Keskustelut
site-developers = Kehittäjille
site-sign-in = Kirjaudu sisään
site-theme = Vaihda vaalean ja tumman välillä
site-free-software = Guildhall on vapaa ohjelmisto.
site-runs-on = { $name } toimii Guildhallilla, joka on vapaa ohjelmisto.
site-front-page = Etusivulle
site-error-sign-in = Kirjaudu ensin sisään
site-error-forbidden = Ei sinulle
site-error-nothing = Täällä ei ole mitään
site-error-fast = Liian nopeasti
site-error-later = Ei juuri nyt
site-error-broken = Jotain meni rikki
site-error-refused = Se ei onnistunut
site-explain-nothing = Tätä sivua ei ole, tai se ei näy sinulle.
site-explain-sign-in = Tämä sivu on sisään kirjautuneille.
site-explain-broken = Vika on meissä, ja se on merkitty muistiin. Yritä hetken päästä uudelleen.
site-explain-later = Palvelin on kiireinen tai käynnistyy uudelleen. Yritä hetken päästä uudelleen.
site-language = Kieli
site-code-rate-limited = Liian monta yritystä. Yritä uudelleen { $seconds ->
    [one] sekunnin
   *[other] { $seconds } sekunnin
  } kuluttua.
site-code-unavailable = Palvelin on kiireinen. Yritä hetken päästä uudelleen.
site-code-conflict = Tätä muutettiin samaan aikaan toisaalla. Yritä uudelleen.
site-code-too-large = Tämä on liian suuri.
site-field-base-type-required = Tämä kenttä on pakollinen.
site-field-base-type-bad-length = { $min ->
    [0] Enintään { $max } merkkiä.
   *[other] Pituuden on oltava { $min }–{ $max } merkkiä.
  }
site-field-base-type-max-length = Enintään { $max }.
site-field-base-type-choices = Tämä ei ole yksi vaihtoehdoista.
site-field-number-type-min = Vähintään { $min }.
site-field-number-type-max = Enintään { $max }.
