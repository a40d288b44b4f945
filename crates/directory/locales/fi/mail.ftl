votes-mail-reminder-subject = Voit taas äänestää: { $name }
votes-mail-reminder-opening = Halusit tietää, milloin voit taas äänestää palvelussa { $site } kohdetta { $name }. Nyt voit.
votes-mail-reminder-action = Avaa sen sivu
votes-mail-reminder-closing = Jos et enää halua muistutuksia, poista muistutus käytöstä sen sivulla.
