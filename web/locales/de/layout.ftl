### Was alle Seiten gemeinsam haben: ihr Rahmen, Formulare, und was zu Adressen gesagt wird, die nirgends hinführen.

layout-about = Umsehen, in den Warenkorb legen, bestellen: mit Skripten oder ohne, auf jedem Bildschirm.
layout-skip = Zum Inhalt springen
layout-shop = Shop
layout-cart = Warenkorb
layout-you = Sie
layout-back-office = Verwaltung
layout-account = Konto
layout-more = Weiteres
layout-developers = Für Entwickler

# Links und Schaltflächen, die auf mehreren Seiten stehen
catalogue = Sortiment
your-orders = Ihre Bestellungen
your-account = Ihr Konto
your-addresses = Ihre Adressen
your-data = Ihre Daten
withdraw = Vertrag widerrufen
start-page = Startseite
to-the-shop = Zum Shop
log-in = Anmelden
log-out = Abmelden
register = Registrieren
search = Suchen
change = Ändern
change-it = Änderung speichern
delete = Löschen
remove = Entfernen
remove-it = Entfernen
rename = Umbenennen
save = Speichern
go-on = Weiter
leave-it = Abbrechen
begin-again = Von vorn beginnen
look-again = Noch einmal nachsehen
older-ones = Ältere
none-here-yet = Hier gibt es noch keine.

# Wartezeiten
span-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
span-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
span-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}

# Seiten, die nur eines sagen
not-found = Nicht gefunden
nothing-here = Unter dieser Adresse gibt es nichts.
did-not-work = Das hat nicht geklappt
not-just-now = Im Moment nicht möglich
something-went-wrong = Bei uns ist etwas schiefgegangen. Der Fehler wurde protokolliert.
form-unreadable = Die Angaben aus dem Formular sind nicht lesbar. Gehen Sie zurück und senden Sie es noch einmal.
address-unreadable = Diese Adresse ist nicht lesbar: Etwas steht doppelt darin oder fehlt.
not-from-here = Das kam nicht von hier
not-from-here-text = Die Anfrage kam von der Seite eines anderen Anbieters oder von einem Browser, der ihre Herkunft nicht nennt. Es wurde nichts getan. Öffnen Sie die Seite hier und senden Sie das Formular noch einmal.
too-large = Das ist zu groß
too-large-text = Angenommen werden höchstens 256 KiB, und es wurde mehr gesendet. Es wurde nichts getan. Gehen Sie zurück und senden Sie weniger: ein Bild mit weniger Bildpunkten oder als JPEG.

# Formulare; der Vorsatz steht vor dem Titel einer Seite
error-prefix = Fehler:
some-fields-are-wrong = Einige Angaben stimmen nicht.
may-be-left-out = Freiwillige Angabe.
form-code = Code
form-new-password-hint = Mindestens 8 Zeichen, besser 15.
form-stored = Inzwischen gespeichert:
form-no-scripts = Browser geben Passkeys nur an Skripte weiter, und Skripte sind hier ausgeschaltet.
form-no-passkey = Es wurde nichts getan: Browser geben Passkeys nur an Skripte weiter, und die sind hier ausgeschaltet.
passkey-unknown-here = Dieser Browser kennt keine Passkeys, oder nicht auf dieser Seite: Nötig ist https oder eine Adresse auf diesem Gerät.
passkey-cancelled = Es wurde nichts getan: Der Vorgang wurde abgebrochen, dauerte zu lange, oder es ist kein passender Passkey erreichbar.
passkey-exists-here = Es wurde nichts getan: Auf diesem Gerät gibt es schon einen Passkey Ihres Kontos.
passkey-elsewhere = Der Browser nimmt auf dieser Seite keine Passkeys an: Ihre Adresse ist nicht die des Shops.
passkey-failed = Der Browser konnte das nicht ausführen. Versuchen Sie es noch einmal oder auf anderem Weg.
