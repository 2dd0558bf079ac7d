### Der Shop: was verkauft wird, der Warenkorb, die Kasse und die eigenen Bestellungen.

# Die erste Seite
home-title = Shop
home-about = umsehen, in den Warenkorb legen und bestellen, mit Konto oder ohne.
home-heading = Dinge, die bleiben
home-search-hint = Wonach suchen Sie?
home-categories = Kategorien
home-new = Neu hier
home-everything = Alles ansehen
home-development = Entwicklung
home-development-text = Dieser Shop läuft auf Ihrem Rechner, mit Beispielartikeln und einem simulierten Zahlungsdienst. Kaufen Sie etwas, und sehen Sie, was daraus wird.
home-development-flow = Dem Weg der Bestellung zusehen
home-development-mails = Die Mails lesen
home-development-api = Was hier läuft, und die Schnittstelle

# Das Sortiment
search-catalogue = Im Sortiment suchen
catalogue-away = Das Sortiment ist im Moment nicht erreichbar. Kommen Sie in einer Minute wieder.
catalogue-empty = Hier gibt es noch nichts. Beispiele bringt der Befehl
products-searched = „{ $words }“
products-category = Kategorie
products-all-categories = Alle Kategorien
products-sort = Sortieren nach
products-best-first = Beste zuerst
products-newest = Neueste zuerst
products-cheapest = Günstigste zuerst
products-dearest = Teuerste zuerst
products-by-name = Name
products-from = Von
products-to = bis
products-show = Anzeigen
products-no-price = Das ist kein Preis. Schreiben Sie ihn wie 20 oder 19,99, ohne etwas anderes.
products-nothing-found = Es wurde nichts gefunden.
products-everything = Alles anzeigen
products-more = Weitere Artikel

# Ein Artikel
pieces = Stück
stock-sold-out = ausverkauft
stock-few-left = nur noch { $count } da
stock-in-stock = auf Lager
product-sent-when-paid = Versand nach Zahlung
product-not-sold = nicht mehr im Verkauf
product-into-cart = In den Warenkorb
product-more-like-this = Ähnliche Artikel

# Der Warenkorb
cart = Ihr Warenkorb
cart-empty = Es ist noch nichts darin.
cart-look-around = Umsehen
cart-line = { $price } das Stück, { $total } insgesamt
cart-pieces-of = Stückzahl von { $name }
cart-how-many-of = der Stückzahl von { $name }
cart-total = Gesamtpreis
cart-not-checked = Ob sich etwas geändert hat, lässt sich im Moment nicht sagen.
cart-has-changed = Seit Ihrem letzten Besuch hat sich etwas geändert. Was ausverkauft ist oder nicht mehr verkauft wird, kommt aus dem Warenkorb, wenn Sie fortfahren.
cart-agree = So übernehmen
cart-checkout = Zur Kasse
cart-look-further = Weiter umsehen
cart-now-costs = Ein Stück kostet jetzt { $now }; vorher waren es { $before }.
cart-sold-out = Ausverkauft.
cart-few-left = { $count ->
    [one] Es ist noch { $count } Stück da.
   *[other] Es sind noch { $count } Stück da.
}
cart-not-sold = Wird nicht mehr verkauft.
cart-added = Der Artikel liegt in Ihrem Warenkorb.
cart-changed = Ihr Warenkorb ist geändert.
cart-agreed = Das sind die Preise und Stückzahlen von jetzt.
cart-again = Was Sie bestellt hatten, liegt wieder in Ihrem Warenkorb.

# Die Kasse
checkout = Kasse
checkout-what = Was Sie bestellen
checkout-change-cart = Warenkorb ändern
checkout-account-or-not = Mit Konto oder ohne
checkout-as-guest = Sie bestellen als Gast. Eine solche Bestellung ist nur in diesem Browser zu sehen, und im Konto Ihrer Adresse, sobald Sie eines haben.
checkout-log-in = Ich habe ein Konto: anmelden
checkout-where-and-how = Lieferung und Zahlung
checkout-obliges = Mit dieser Schaltfläche bestellen Sie zahlungspflichtig.
checkout-button = Zahlungspflichtig bestellen
checkout-email-hint = Dorthin gehen Mails zu dieser Bestellung, sonst nichts.
checkout-country-hint = Zwei Buchstaben, etwa DE.
checkout-address = Lieferadresse
checkout-address-below = Andere Adresse, siehe unten
checkout-another-address = Andere Adresse
checkout-keep-address = In meinem Adressbuch speichern
checkout-payment = Zahlung
checkout-sim-ok = Simuliert: wird sofort bezahlt
checkout-sim-slow = Simuliert: wird nach einer Weile bezahlt
checkout-sim-declined = Simuliert: wird abgelehnt
checkout-sim-error = Simuliert: der Zahlungsdienst hat eine Störung
checkout-sim-lost = Simuliert: die Antwort des Zahlungsdienstes geht verloren

# Bestellungen
lines-what = Artikel
lines-price = Preis
order = Bestellung { $number }
order-given-back = Erstattet
order-ordered = Bestellt am
order-goes-to = Lieferung an
order-again = Noch einmal bestellen
order-cancel = Bestellung stornieren
order-withdraw = Vertrag widerrufen
order-of-guest = Sie haben ohne Konto bestellt: Diese Seite ist nur in diesem Browser zu sehen. In der Mail zur Bestellung steht ein Link, der sie in ein Konto übernimmt.
order-looks-again = Diese Seite sieht alle paar Sekunden nach, bis die Zahlung geklärt ist.
order-do-not-look-again = Nicht mehr von selbst nachsehen
order-looks-no-more = Diese Seite sieht nicht von selbst nach.
order-address-kept = Die Adresse steht jetzt in Ihrem Adressbuch.
order-address-not-kept = Die Bestellung ist aufgegeben, aber ihre Adresse konnte nicht gespeichert werden.
order-add-address = Ins Adressbuch aufnehmen
orders-line = { $at }, { $total }.
order-pending = Wir haben Ihre Bestellung und warten auf die Zahlung.
order-paid = Die Bestellung ist bezahlt und wartet auf den Versand.
order-fulfilled = Die Bestellung ist auf dem Weg zu Ihnen.
order-completed = Die Bestellung ist abgeschlossen.
order-declined = Die Zahlung wurde abgelehnt, und die Bestellung ist storniert. Es wurde nichts abgebucht.
order-overdue = Die Zahlung kam nicht rechtzeitig, und die Bestellung ist storniert. Was später kommt, wird erstattet.
order-expired = Was zurückgelegt war, ging inzwischen an andere, und die Bestellung ist storniert. Was bezahlt war, wird erstattet.
order-cancelled = Die Bestellung ist storniert. Was bezahlt war, wird erstattet.

# Widerruf eines Vertrags, in den Worten des Gesetzes
withdraw-lead = Sie haben hier gekauft und möchten den Vertrag widerrufen? Geben Sie an, welchen, und wohin die Eingangsbestätigung gehen soll. Sie brauchen dafür weder ein Konto noch einen Grund.
withdraw-next = Auf der nächsten Seite sehen Sie Ihre Angaben noch einmal. Erst dort bestätigen Sie den Widerruf.
withdraw-order-number = Bestellnummer
withdraw-order-number-hint = Sie steht in jeder Mail zur Bestellung.
withdraw-name = Ihr Name
withdraw-email-hint = Dorthin geht die Eingangsbestätigung. Am besten ist die Adresse, mit der Sie bestellt haben.
withdraw-reason-asked = Ein Grund, wenn Sie möchten: Sie müssen keinen nennen
withdraw-continue = Weiter
withdraw-confirm = Bestätigen Sie Ihren Widerruf
withdraw-declaration = Hiermit widerrufe ich den Vertrag über diese Bestellung:
withdraw-receipt-goes-to = Eingangsbestätigung an
withdraw-reason = Grund
withdraw-button = Widerruf bestätigen
withdraw-change = Angaben ändern
withdraw-received = Ihr Widerruf ist eingegangen
withdraw-received-at = Er ist am { $at } bei uns eingegangen.
withdraw-receipt-sent = Eine Eingangsbestätigung mit diesem Datum und dieser Uhrzeit ist unterwegs an { $email }. Wir sehen uns Ihre Erklärung an und kümmern uns um alles Weitere.
