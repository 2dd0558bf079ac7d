### Konten: wie man sich registriert, anmeldet, und ändert, was von einem bekannt ist.

# Felder
email = E-Mail-Adresse
new-email = Neue E-Mail-Adresse
password = Passwort
password-until-now = Bisheriges Passwort
new-password = Neues Passwort
first-name = Vorname
last-name = Nachname
phone = Telefon
code-of-app-or-recovery = Aus Ihrer Authenticator-App, oder ein Wiederherstellungscode.
password-never-chosen = Sie haben nie eines gewählt? Melden Sie sich ab, und fordern Sie auf der Anmeldeseite über „Passwort vergessen“ eines an.

# Registrierung, und die Links in Mails
register-has-account = Sie haben schon ein Konto? Anmelden
register-no-mail = Keine Mail gekommen? Noch einmal senden
register-sent = Wir haben Ihnen eine Mail gesendet. Öffnen Sie den Link darin innerhalb von 24 Stunden, um Ihre Adresse zu bestätigen. In diesem Browser genügt dann ein Klick; in einem anderen werden Sie nach dem Passwort gefragt, das Sie eben gewählt haben.
look-into-mailbox = Sehen Sie in Ihr Postfach
read-mails = Die Mails lesen
make-my-account = Mein Konto anlegen
invited = Sie sind eingeladen
invited-text = Sagen Sie, wer Sie sind, und wählen Sie ein Passwort. Sie melden sich mit Ihrer Adresse an.
account-made = Ihr Konto ist angelegt
account-made-text = Melden Sie sich mit der Adresse an, an die die Einladung ging.
verify = E-Mail-Adresse bestätigen
verify-button = Meine Adresse bestätigen
verify-password = Geben Sie das Passwort ein, mit dem Sie sich registriert haben. Dann können Sie Ihr Konto benutzen.
verify-click = Sie haben sich in diesem Browser registriert: ein Klick, und Sie können Ihr Konto benutzen.
verify-other-password = Sie haben sich nicht registriert, oder mit einem anderen Passwort?
verify-not-you = Sie haben sich nicht registriert, oder kennen das Passwort nicht?
verify-not-you-text = Das Postfach gehört Ihnen, also können Sie auch das Konto anlegen: Wählen Sie ein Passwort und einen Namen. Von der Registrierung bleibt nur die Adresse.
verified = Ihre Adresse ist bestätigt
verified-text = Ihre Adresse ist bestätigt: Sie können sich jetzt anmelden.
link-still-good = Ihr Link gilt weiterhin.
other-registration = Dieser Browser hat sich mit einem anderen Passwort registriert, als zu diesem Link gehört.
resend = Die Mail noch einmal senden
resend-text = Die Mail, deren Link die Adresse Ihrer Registrierung bestätigt.
resend-button = Noch einmal senden
resend-sent = Wenn sich in den letzten 24 Stunden jemand mit dieser Adresse registriert hat, ist eine Mail unterwegs.
forgot = Ein neues Passwort
forgot-text = Wir senden einen Link an Ihre Adresse; dort wählen Sie ein neues Passwort.
forgot-button = Link senden
forgot-sent = Wenn es zu dieser Adresse ein Konto gibt, ist eine Mail mit einem Link zu einem neuen Passwort unterwegs.
reset = Neues Passwort wählen
reset-text = Damit enden alle Sitzungen, auf jedem Gerät.
reset-button = Passwort festlegen
password-set = Ihr Passwort ist festgelegt
password-set-text = Ihr Passwort ist festgelegt: Melden Sie sich damit an. Alle Sitzungen sind beendet.
new-link = Einen neuen Link anfordern
incomplete-link = Der Link ist nicht vollständig
incomplete-link-text = In dieser Adresse fehlt ein Teil. Öffnen Sie den Link genau so, wie er in der Mail steht.

# An- und Abmelden
password-forgotten = Passwort vergessen
no-mail-came = Die Mail zur Bestätigung der Adresse kam nicht an
log-in-with = Mit { $name } anmelden
log-in-passkey = Mit einem Passkey anmelden
log-in-passkey-text = Ihr Browser fragt, mit welchem, und lässt Sie ihn entsperren wie das Gerät. Das genügt: Wir fragen nach keinem Passwort und keinem Code.
use-passkey = Passkey verwenden
by-password = Stattdessen mit dem Passwort
by-passkey = Stattdessen mit einem Passkey
by-code = Stattdessen mit einem Code
second-step = Zweiter Schritt der Anmeldung
second-step-passkey = Das Passwort stimmt. Zeigen Sie jetzt einen Ihrer Passkeys.
second-step-code = Das Passwort stimmt. Geben Sie den Code ein, den Ihre Authenticator-App zeigt.
second-step-code-or-recovery = Das Passwort stimmt. Geben Sie den Code ein, den Ihre Authenticator-App zeigt, oder einen Ihrer Wiederherstellungscodes.
log-in-over = Die Anmeldung ist abgelaufen
not-logged-in = Sie sind nicht angemeldet
provider-too-late = Das hat zu lange gedauert oder wurde in einem anderen Browser begonnen.
provider-said-nothing = Der Anbieter hat nicht gesagt, wer Sie sind.
logged-out-here = Sie sind hier abgemeldet
logged-out-here-text = Dieser Browser hat Ihre Anmeldung vergessen. Die Sitzung selbst konnte im Moment nicht beendet werden: Melden Sie sich in einer Minute wieder an und beenden Sie sie unter „Wo Sie angemeldet sind“, oder sie endet von selbst.

# Das Konto
account-name = Name
account-not-confirmed = nicht bestätigt
account-address = Adresse
account-role = Rolle
account-since = Seit
account-data = Ihre Daten: eine Kopie, oder ihre Löschung
change-profile = Name und Telefon ändern
change-profile-text = Bestellungen, die schon aufgegeben sind, behalten den bisherigen Namen.
profile-changed = Die Änderung ist gespeichert
profile-changed-text = Sie heißen hier von jetzt an { $first } { $last }.
change-password = Passwort ändern
change-password-text = Damit enden alle anderen Sitzungen.
password-changed = Ihr Passwort ist geändert
password-changed-text = Ihr Passwort ist geändert, und alle anderen Sitzungen sind beendet.
change-email = E-Mail-Adresse ändern
change-email-text = Wir senden einen Link an die neue Adresse. Es ändert sich nichts, bis Sie ihn dort öffnen.
change-email-sent = Öffnen Sie den Link in der Mail, die wir an die neue Adresse gesendet haben: Von da an gilt sie.
change-address = Adresse ändern
confirm-email = Neue Adresse bestätigen
confirm-email-text = Von da an gehört sie zu Ihrem Konto. Alle Sitzungen enden, auf jedem Gerät, und Sie melden sich mit ihr an.
confirm-email-button = Das ist meine Adresse
email-changed = Ihre Adresse ist geändert
email-changed-text = Ihre Adresse ist geändert: Melden Sie sich mit der neuen an.

# Adressen
address-name = Name
address-line1 = Straße und Hausnummer
address-line2 = Adresszusatz
address-postal-code = Postleitzahl
address-city = Ort
address-region = Bundesland, Provinz oder Kanton
address-country = Land
address-country-hint = Zwei Buchstaben, etwa DE für Deutschland oder AT für Österreich (ISO 3166-1).
address-parcels-tick = Pakete gehen hierher, wenn ich nichts anderes sage
address-bills-tick = Rechnungen gehen hierher
addresses-none = Es gibt noch keine.
address-is-for-parcels = Pakete gehen hierher.
address-is-for-bills = Rechnungen gehen hierher.
address-parcels-here = Pakete hierher
address-bills-here = Rechnungen hierher
add-address = Adresse hinzufügen
add-it = Hinzufügen
change-an-address = Adresse ändern
address-added = Die Adresse ist hinzugefügt.
address-changed = Die Adresse ist geändert.
address-deleted = Die Adresse ist gelöscht. Aufgegebene Bestellungen behalten ihre.
address-for-parcels = Pakete gehen von jetzt an dorthin, wenn Sie nichts anderes sagen.
address-for-bills = Rechnungen gehen von jetzt an dorthin.
address-gone = Diese Adresse haben Sie nicht mehr.

# Sitzungen
sessions = Wo Sie angemeldet sind
session-this = dieser Browser
session-seen = Zuletzt gesehen am { $at } von { $client }.
session-seen-at = Zuletzt gesehen am { $at } von { $client } ({ $place }).
session-begun = Angemeldet am { $at }.
session-begun-proved = Angemeldet am { $at } mit einem zweiten Faktor.
session-end = Beenden
session-end-which = : die Sitzung auf { $device }, zuletzt gesehen am { $at }
session-end-others = Alle anderen beenden
session-end-all = Alle beenden, auch diese
session-ended = Die Sitzung ist beendet.
other-sessions-ended = Alle anderen Sitzungen sind beendet.

# Passkeys
passkey = Passkey
passkeys = Passkeys
passkeys-none = Sie haben keine. Mit einem Passkey melden Sie sich mit dem an, was Ihr Gerät entsperrt, ohne Passwort; niemand kann ihn erraten oder Ihnen auf einer Seite entlocken, die nur so aussieht wie unsere.
passkeys-impossible = Es kann keiner hinzugefügt werden: Browser nehmen keine Passkeys von einem Shop an, der unter einer IP-Adresse erreicht wird.
passkey-used = Hinzugefügt am { $added }, zuletzt benutzt am { $used }.
passkey-unused = Hinzugefügt am { $added }, noch nicht benutzt.
passkey-name = Wie Sie ihn nennen
passkey-name-hint = Zum Beispiel: mein Telefon.
passkey-added = Der Passkey ist hinzugefügt: Von jetzt an öffnet er Ihr Konto.
passkey-renamed = Der Passkey hat seinen neuen Namen.
passkey-removed = Der Passkey ist entfernt: Er öffnet nichts mehr. Löschen Sie ihn auch auf dem Gerät.
add-passkey = Passkey hinzufügen
add-passkey-text = Ein Passkey liegt auf Ihrem Telefon, Ihrem Computer, in einem Passwortmanager oder auf einem Sicherheitsschlüssel und wird dort entsperrt: mit Finger, Gesicht oder PIN. Er öffnet Ihr Konto ohne Passwort und lässt sich keiner Seite geben, die nur so aussieht wie unsere. Wir fragen zuerst, wer Sie sind, damit niemand seinen hinzufügt, der Ihren Browser offen findet.
make-passkey = Passkey anlegen
make-passkey-text = Ihr Browser fragt, wo er ihn aufbewahren soll, und lässt Sie ihn einmal entsperren. Sie haben fünf Minuten.
rename-passkey = Passkey umbenennen
remove-passkey = Passkey entfernen
remove-passkey-text = „{ $name }“ öffnet Ihr Konto dann nicht mehr. Wo Sie angemeldet sind, bleiben Sie es.

# Der zweite Faktor
second-step-passkeys = { $count ->
    [one] Sie haben einen Passkey, der auch als zweiter Faktor zählt: Eine Anmeldung damit fragt nach nichts anderem.
   *[other] Sie haben { $count } Passkeys, von denen jeder auch als zweiter Faktor zählt: Eine Anmeldung damit fragt nach nichts anderem.
}
second-step-on = Eingeschaltet: Eine Anmeldung fragt nach Ihrem Passwort und dann nach einem Code Ihrer Authenticator-App oder einem Wiederherstellungscode.
second-step-off = Ausgeschaltet: Eine Anmeldung fragt nur nach Ihrem Passwort. Mit einer Authenticator-App fragt sie auch nach einem Code, und ein gestohlenes Passwort genügt nicht.
second-step-required = Ohne ihn erlaubt Ihre Rolle nichts.
set-up-app = Authenticator-App einrichten
set-up-app-text = Sie brauchen eine App, die zeitabhängige Codes (TOTP) erzeugt, auf Ihrem Telefon oder in Ihrem Passwortmanager. Wir fragen zuerst nach Ihrem Passwort, damit niemand seine einrichtet, der Ihren Browser offen findet.
totp = Das Geheimnis in Ihre App eintragen
totp-scan = Scannen Sie das mit der App:
totp-qr-code = QR-Code mit dem Geheimnis, für die Kamera Ihrer App
totp-on-this-device = Ist die App auf diesem Gerät?
totp-open = Mit dem Geheimnis öffnen
totp-by-hand = Sonst legen Sie in der App von Hand ein zeitabhängiges Konto (TOTP) an und geben dieses Geheimnis ein:
totp-code = Geben Sie den Code ein, den die App dann zeigt. Vorher ändert sich nichts.
totp-leave = So lassen, wie es ist
six-digits = Die sechs Ziffern, die die App jetzt zeigt.
switch-on = Einschalten
second-factor-on = Ihr zweiter Faktor ist eingerichtet
second-factor-on-text = Von jetzt an fragt eine Anmeldung nach einem Code Ihrer App.
recovery-codes-left = Übrige Wiederherstellungscodes
recovery-codes-few = erneuern Sie sie bald: Ohne einen ist mit dem Gerät auch das Konto verloren
recovery-codes-renew = Wiederherstellungscodes erneuern
recovery-codes-once = Diese Wiederherstellungscodes werden nur dieses eine Mal gezeigt.
recovery-codes-keep = Schreiben Sie sie auf oder drucken Sie diese Seite, und bewahren Sie sie nicht bei Ihrem Gerät auf. Jeder gilt einmal anstelle eines Codes, falls das Gerät verloren geht.
recovery-codes-kept = Ich habe sie aufbewahrt
recovery-codes-button = Neue Codes anfordern
new-recovery-codes = Neue Wiederherstellungscodes
new-recovery-codes-text = Sie bekommen zehn neue. Die bisherigen gelten dann nicht mehr.
your-recovery-codes = Ihre neuen Wiederherstellungscodes
your-recovery-codes-text = Die bisherigen gelten nicht mehr.
give-up = Den zweiten Faktor aufgeben
give-up-text = Von da an kann sich anmelden, wer Ihr Passwort kennt. Auch Ihre Wiederherstellungscodes gelten dann nicht mehr.
give-up-button = Aufgeben
given-up = Der zweite Faktor ist aufgegeben. Eine Anmeldung fragt nur nach dem Passwort.

# Die eigenen Daten: eine Kopie, und ihre Löschung
make-copy = Kopie erstellen
copy = Eine Kopie Ihrer Daten
copy-text = Alles, was unsere Dienste von Ihnen speichern, als eine Datei, die Menschen und Programme lesen können (JSON). Wir fragen nach Ihrem Passwort, weil alles darin steht.
copy-begun = Ihre Kopie wird erstellt. Eine Mail sagt Ihnen, wenn sie fertig ist, und diese Seite auch.
copy-there = Ihre neueste Kopie ist keine Stunde alt: Laden Sie diese herunter.
account-kept = Ihr Konto bleibt: Nichts davon wird gelöscht.
data-copy = Eine Kopie
data-copy-text = Alles, was unsere Dienste von Ihnen speichern, als eine Datei.
data-copy-asked = Angefordert am { $at }, wird am { $until } gelöscht.
data-fetch = Datei herunterladen (JSON)
data-asked = angefordert am { $at }
data-link-until = Dieser Link gilt bis zum { $until }, für alle, die ihn haben; einen anderen bekommen Sie, wenn Sie diese Seite neu laden.
data-being-made = Sie wird erstellt.
data-erasing = Löschung
data-erasing-text = Ihr Konto und alles über Sie wird gelöscht, in allen unseren Diensten. Die nächste Seite sagt, was das heißt, bevor etwas geschieht.
data-erase = Mein Konto löschen …
data-erasure-begun = Ihr Konto wird gerade gelöscht. Das lässt sich nicht mehr rückgängig machen.
kept-by-user = Konto, Adressen und Anmeldungen
kept-by-product = Sortiment und Bestand
kept-by-order = Bestellungen
kept-by-payment = Zahlungen und Erstattungen
kept-by-notify = Mails und Nachrichten
progress-copied = kopiert am { $at }
progress-erased = gelöscht am { $at }
progress-not-yet = noch nicht
erase = Konto löschen
erase-button = Mein Konto löschen
erase-all-goes = Ihr Konto wird gelöscht, und mit ihm alles über Sie, in allen unseren Diensten.
erase-orders-cancelled = Bestellungen, die noch nicht versandt sind, werden storniert, und ihr Geld geht an Sie zurück.
erase-what-is-kept = Bestellungen und Buchungen, die der Shop von Gesetzes wegen aufbewahren muss, bleiben ohne Ihren Namen und Ihre Adresse.
erase-not-at-once = Das beginnt nicht sofort, sondern einige Tage später: drei, wenn der Shop nichts anderes festgelegt hat. Die nächste Seite und eine Mail sagen, wann.
erase-undo = Bis dahin können Sie es rückgängig machen, unter „Ihre Daten“ oder über den Link in der Mail.
erase-no-undo = Wenn es begonnen hat, kann es niemand mehr rückgängig machen, weder Sie noch wir.
erase-keep-something = Möchten Sie etwas behalten? Auch eine Kopie wird mit dem Konto gelöscht, also laden Sie sie vorher herunter.
erase-copy-first = Kopie erstellen
erase-understood = Ich verstehe, was gelöscht wird, und dass es sich nicht rückgängig machen lässt, wenn es begonnen hat
erase-not-understood = Bestätigen Sie, dass Sie verstehen, was gelöscht wird. Es wurde nichts getan.
erasure = Löschung Ihres Kontos
erasure-due = Ihr Konto wird am { $at } gelöscht.
erasure-asked = Das wurde am { $at } verlangt. Bis es beginnt, können Sie Ihr Konto behalten; danach lässt es sich nicht rückgängig machen.
erasure-keep = Mein Konto behalten
erasure-was-kept = Ihr Konto blieb: Nichts davon wird gelöscht.
erasure-erasing = Ihr Konto ist gelöscht. Noch nicht jeder Dienst hat gemeldet, dass er gelöscht hat, was er von Ihnen gespeichert hatte; sehen Sie diese Seite später noch einmal an.
erasure-done = Alles über Sie ist gelöscht. Bestellungen und Buchungen, die der Shop von Gesetzes wegen aufbewahren muss, bleiben ohne Ihren Namen und Ihre Adresse.
erasure-kept = Ihr Konto bleibt
erasure-kept-text = Nichts davon wird gelöscht. Wenn nicht Sie das verlangt haben, ändern Sie Ihr Passwort.
erasure-asked-title = Ihr Konto wird gelöscht
erasure-begins = Es beginnt am { $at }.
erasure-until-then = Bis dahin können Sie es rückgängig machen, unter „Ihre Daten“ oder über den Link in der Mail, die wir Ihnen senden. Danach lässt es sich nicht rückgängig machen.
erasure-no-account = Wenn es kein Konto mehr gibt, zeigt eine andere Seite, wie weit die Löschung ist. Ihre Adresse steht auch in der Mail.
erasure-how-far = Wie weit sie ist
erasure-keep-after-all = Ihre Daten: das Konto doch behalten

# Was ohne Konto bestellt wurde
guest = Ohne Konto bestellt
guest-is-joined = Was mit Ihrer Adresse bestellt wurde, steht in Ihrem Konto.
guest-somebody = Jemand, vermutlich Sie, hat mit Ihrer E-Mail-Adresse und ohne Konto bestellt.
guest-has-account = Ihre Adresse hat ein Konto. Was ohne es bestellt wurde, kann dorthin übernommen werden: Sie sehen, wo es steht, und können es stornieren.
guest-join = In mein Konto übernehmen
guest-has-none = Ihre Adresse hat noch kein Konto. Registrieren Sie sich mit ihr: Sobald Sie sie bestätigt haben, steht dort, was bestellt wurde.
guest-not-you = Sie waren das nicht?
guest-not-you-text = Dann wird Ihre Adresse sofort vergessen. Was noch nicht versandt ist, wird storniert, und was dafür bezahlt wurde, geht zurück.
guest-forget = Ich war das nicht: meine Adresse vergessen
guest-forgotten = Ihre Adresse ist vergessen
guest-forgotten-text = Ihre Adresse ist vergessen. Was noch nicht versandt war, ist storniert, und was bezahlt war, geht zurück.
guest-joined = Es steht in Ihrem Konto
guest-joined-text = Was Sie bestellt haben, steht in Ihrem Konto: Melden Sie sich an, um es zu sehen.

# Was einem mitgeteilt wurde
messages = Ihre Nachrichten
messages-link = Nachrichten
messages-not-read-yet = noch nicht gelesen
messages-none-unread = Sie haben alle gelesen.
messages-unread = { $count ->
    [one] Eine ist noch nicht gelesen.
   *[other] { $count } sind noch nicht gelesen.
}
messages-mark-read = Alle als gelesen markieren
messages-all-read = Alle sind als gelesen markiert.
message-new = neu
message-order = Die Bestellung, um die es geht
