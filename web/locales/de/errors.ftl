### Was abgelehnt wurde, und wie es weitergeht.

# Später kann es gelingen
too-much-try-again = { $why } Versuchen Sie es in { $span } noch einmal.
cannot-be-done-now = Das geht im Moment nicht. Versuchen Sie es in { $span } noch einmal.
too-many-failed-logins = Zu viele Anmeldungen mit dieser Adresse sind fehlgeschlagen.
too-many-guests = Von hier oder mit dieser Adresse wurde zu viel ohne Konto bestellt.
too-many-open-orders = Es gibt Bestellungen, die noch nicht bezahlt sind.
too-many-passkey-logins = Zu viele Anmeldungen mit Passkey wurden begonnen.
too-many-mails = Zu viele Mails wurden angefordert, von Ihnen oder an diese Adresse. Es wurde nichts gespeichert.
too-many-withdrawals = Von hier oder mit dieser Adresse wurden zu viele Widerrufe erklärt. Dieser wurde nicht gespeichert.
too-often = Das wurde zu oft versucht.

# Konten
error-email-not-verified = Bestätigen Sie zuerst Ihre E-Mail-Adresse: Öffnen Sie den Link in unserer Mail, oder lassen Sie sie noch einmal senden.
error-no-second-factor = Ihr Konto hat keinen zweiten Faktor.
error-passkey-required = Ihr zweiter Faktor ist ein Passkey: Bestätigen Sie damit, nicht mit dem Passwort.
error-invalid-passkey = Dieser Passkey ist hier nicht bekannt, oder es hat zu lange gedauert. Versuchen Sie es noch einmal, oder melden Sie sich mit dem Passwort an.
error-wrong-passkey = Das ist keiner Ihrer Passkeys, oder es hat zu lange gedauert. Es wurde nichts getan: Versuchen Sie es noch einmal.
error-verification-token-ended = Mit diesem Link wurden zu viele Passwörter versucht. Lassen Sie sich einen neuen senden.
error-invalid-credentials = Die E-Mail-Adresse oder das Passwort ist falsch.
error-account-suspended = Dieses Konto ist gesperrt: Schreiben Sie dem Shop.
error-session-over = Die Sitzung ist beendet: Melden Sie sich neu an.
error-session-not-found = Diese Sitzung gibt es nicht: Vielleicht ist sie schon beendet.
error-wrong-password = Das ist nicht Ihr Passwort.
error-invalid-link = Dieser Link ist nicht gültig: Öffnen Sie den aus der neuesten Mail, oder fordern Sie einen neuen an.
error-link-over = Dieser Link wurde schon benutzt oder ist abgelaufen: Fordern Sie einen neuen an.
error-verification-token-expired = Dieser Link ist abgelaufen, und die Registrierung dazu auch: Registrieren Sie sich neu.
error-verification-token-used = Ihre Adresse hat schon ein Konto: Melden Sie sich an.
error-wrong-registration-password = Mit diesem Passwort wurde die Adresse nicht registriert; verbleibende Versuche: { $left }. Wenn nicht Sie sich registriert haben, wählen Sie ein eigenes Passwort.
error-address-taken = Diese Adresse gehört zu einem anderen Konto.
error-second-factor-exists = Ihr Konto hat schon einen zweiten Faktor: Geben Sie diesen zuerst auf.
error-wrong-code = Der Code ist falsch oder wurde schon benutzt: Warten Sie auf den nächsten.
error-login-over = Das hat zu lange gedauert, oder zu viele Codes waren falsch: Geben Sie Ihr Passwort noch einmal ein.
error-passkeys-off = Hier gibt es keine Passkeys: Browser nehmen keine von einem Shop an, der unter einer IP-Adresse erreicht wird.
error-passkey-not-found = Diesen Passkey haben Sie nicht.
error-too-many-passkeys = Sie haben 20 Passkeys, mehr sind nicht möglich: Entfernen Sie zuerst einen.
error-passkey-exists = Dieser Passkey öffnet schon ein Konto.
error-passkey-copied = Dieser Passkey zählt rückwärts, wie eine Kopie es täte: Er wird nicht angenommen. Melden Sie sich anders an, und entfernen Sie ihn.
error-address-not-found = Diese Adresse haben Sie nicht.
error-too-many-addresses = Sie haben 50 Adressen, mehr sind nicht möglich: Löschen Sie zuerst eine.
error-provider-not-found = Eine Anmeldung über einen anderen Anbieter gibt es hier nicht.
error-provider-login-over = Das hat zu lange gedauert oder wurde in einem anderen Browser begonnen: Beginnen Sie von vorn.
error-provider-email-not-verified = Der Anbieter sagt nicht, dass Ihre E-Mail-Adresse bestätigt ist: Bestätigen Sie sie dort, oder registrieren Sie sich hier.
error-provider-refused = Der Anbieter hat nicht bestätigt, wer Sie sind: Beginnen Sie von vorn.
error-erasure-not-found = Für dieses Konto wurde keine Löschung verlangt.
error-erasure-begun = Dafür ist es zu spät: Das Konto wird gerade gelöscht.
error-export-not-found = Diese Kopie Ihrer Daten gibt es nicht, oder der Link dazu gilt nicht mehr.
error-guest-joined = Was bestellt wurde, steht inzwischen im Konto dieser Adresse: Melden Sie sich an, um es zu sehen.
error-invalid-guest = Diese Bestellung ohne Konto ist hier nicht mehr bekannt: Bestellen Sie noch einmal, oder melden Sie sich an.
error-address-without-account = Diese Adresse hat noch kein Konto: Registrieren Sie sich damit, dann steht dort auch, was bestellt wurde.

# Warenkörbe und Bestellungen
error-order-not-found = Diese Bestellung gibt es nicht.
error-out-of-stock = Davon ist nicht mehr genug da. Es wurde nichts bestellt: Ändern Sie die Anzahl, und bestellen Sie noch einmal.
error-sku-not-sold = Etwas davon wird nicht mehr verkauft. Es wurde nichts bestellt: Nehmen Sie es aus dem Warenkorb.
error-mixed-currencies = Eine Bestellung hat eine Währung: Bestellen Sie diese Artikel einzeln.
error-price-changed = Einige Preise haben sich geändert, seit Sie sie gesehen haben. Es wurde nichts bestellt: Sehen Sie den Warenkorb an, stimmen Sie dort zu, und bestellen Sie dann.
error-cart-not-found = Diesen Warenkorb gibt es nicht mehr: Legen Sie Ihre Artikel in einen neuen.
error-cart-changed = Der Warenkorb ist nicht mehr der, den Sie gesehen haben: Er wurde inzwischen geändert oder bestellt. Jetzt wurde nichts bestellt: Sehen Sie den Warenkorb und Ihre Bestellungen an.
error-cart-empty = Im Warenkorb ist nichts, was bestellt werden könnte.
error-cart-full = Eine Bestellung hat höchstens 100 verschiedene Artikel: Bestellen Sie zuerst diese, oder nehmen Sie welche heraus.
error-too-many-pieces = Von einem Artikel können höchstens 999 Stück auf einmal bestellt werden.
error-checkout-ended = Was für diese Bestellung zurückgelegt war, wurde inzwischen freigegeben: Bestellen Sie noch einmal.
error-wrong-order-status = Die Bestellung ist inzwischen weiter, und das geht nicht mehr: Sehen Sie nach, wo sie steht.
error-amount-too-large = Der Gesamtbetrag ist höher, als bezahlt werden kann: Bestellen Sie weniger.

# Felder; was nicht stimmt, steht daneben
field-missing = { $label }: Diese Angabe fehlt.
field-empty = { $label }: Diese Angabe fehlt.
field-no-code = { $label }: Diese Angabe fehlt, denn Ihr Konto hat einen zweiten Faktor.
field-password-short = { $label }: zu kurz, mindestens 8 Zeichen, besser 15 oder mehr.
field-password-long = { $label }: zu lang, höchstens 256 Zeichen.
field-password-guessable = { $label }: gehört zu denen, die zuerst ausprobiert werden. Wählen Sie eines, das niemand errät, zum Beispiel vier Wörter, die nichts miteinander zu tun haben.
field-no-email = { $label }: keine gültige Adresse, erwartet wird eine Form wie name@example.com.
field-no-country = { $label }: erwartet werden die zwei Buchstaben eines Landes, etwa DE oder AT.
field-one-line = { $label }: 1 bis { $most } Zeichen in einer Zeile.
field-line-at-most = { $label }: höchstens { $most } Zeichen in einer Zeile.
field-text-at-most = { $label }: höchstens { $most } Zeichen und keine Steuerzeichen.
field-card-number = { $label }: enthält womöglich eine Kartennummer, und die gehört hier nie hin.
field-invisible = { $label }: enthält ein unsichtbares Zeichen, lassen Sie es weg.
field-address-unclear = { $label }: nicht eindeutig. Wählen Sie „Andere Adresse“, oder lassen Sie deren Felder leer.
field-address-not-kept = { $label }: steht nicht mehr in Ihrem Adressbuch. Wählen Sie eine andere.
