#include "platform/demo/words.hpp"

namespace calyptenora::platform::demo {
namespace {

constexpr auto german_subjects = std::to_array<Subject>({
    {"Mathematik",
     {"Brüche", "Gleichungen", "Funktionen", "Vektoren", "Wahrscheinlichkeiten", "Zahlenfolgen", "Winkel",
      "Beweise"}},
    {"Statistik",
     {"Mittelwerte", "Stichproben", "Streuungen", "Häufigkeiten", "Diagramme", "Umfragen", "Zusammenhänge",
      "Schätzungen"}},
    {"Informatik",
     {"Schleifen", "Datentypen", "Suchverfahren", "Netzwerke", "Datenbanken", "Schnittstellen", "Algorithmen",
      "Tests"}},
    {"Physik",
     {"Kräfte", "Wellen", "Stromkreise", "Magnetfelder", "Schwingungen", "Linsen", "Gase", "Messgeräte"}},
    {"Chemie",
     {"Säuren", "Metalle", "Salze", "Kunststoffe", "Lösungen", "Reaktionen", "Farbstoffe", "Kristalle"}},
    {"Biologie", {"Zellen", "Ökosysteme", "Vögel", "Pilze", "Bäume", "Insekten", "Gene", "Böden"}},
    {"Geografie", {"Flüsse", "Gebirge", "Klimazonen", "Küsten", "Städte", "Landkarten", "Vulkane", "Wüsten"}},
    {"Geschichte",
     {"Handelswege", "Quellen", "Chroniken", "Stadtrechte", "Reformen", "Archive", "Münzen", "Zünfte"}},
    {"Sprache",
     {"Satzglieder", "Zeitformen", "Fremdwörter", "Redewendungen", "Kommaregeln", "Dialekte", "Wortarten",
      "Argumente"}},
    {"Musik",
     {"Tonleitern", "Akkorde", "Rhythmen", "Instrumente", "Chorsätze", "Notenwerte", "Intervalle",
      "Volkslieder"}},
    {"Wirtschaft",
     {"Märkte", "Bilanzen", "Preise", "Verträge", "Budgets", "Genossenschaften", "Steuern", "Lieferketten"}},
    {"Gesundheit",
     {"Gelenke", "Muskeln", "Impfungen", "Nährstoffe", "Schlafphasen", "Verbände", "Allergien", "Pausen"}},
    {"Garten",
     {"Beete", "Komposthaufen", "Obstbäume", "Kräuter", "Hecken", "Stauden", "Gewächshäuser", "Aussaaten"}},
    {"Handwerk",
     {"Holzverbindungen", "Werkzeuge", "Schrauben", "Lacke", "Fliesen", "Dämmstoffe", "Scharniere",
      "Bohrer"}},
    {"Energie",
     {"Wärmepumpen", "Solarzellen", "Speicher", "Stromnetze", "Windräder", "Heizkörper", "Wirkungsgrade",
      "Lastgänge"}},
    {"Gestaltung",
     {"Schriften", "Farbkreise", "Raster", "Skizzen", "Plakate", "Fotografien", "Muster", "Proportionen"}},
});

constexpr auto german_titles =
    std::to_array<std::string_view>({"{t} verstehen", "{t} in der Praxis", "{t} von Grund auf",
                                     "{t}: ein Einstieg", "{t} Schritt für Schritt", "{t} für Neugierige"});

constexpr auto german_summaries = std::to_array<std::string_view>(
    {"Wer {t} zum ersten Mal sieht, stellt meist dieselben drei Fragen. Dieser Kurs beantwortet sie der "
     "Reihe nach, mit vielen Beispielen.",
     "Was {t} leisten, wo sie an Grenzen stoßen und woran man gute Arbeit erkennt. Mit Übungen aus dem "
     "Alltag.",
     "Ein ruhiger Weg durch das Thema: erst hinsehen, dann ausprobieren, dann {t} selbst anwenden.",
     "In kurzen Lektionen zeigt dieser Kurs, wie Fachleute {t} einordnen und welche Fehler sie vermeiden."});

constexpr auto german_modules =
    std::to_array<std::string_view>({"Worum es geht", "Die ersten Schritte", "Genauer hinsehen",
                                     "Anwenden und üben", "Rückblick und Ausblick"});

constexpr auto german_lessons = std::to_array<std::string_view>(
    {"Was {t} sind", "Woran man {t} erkennt", "Warum {t} wichtig sind", "Ein Beispiel aus {p}",
     "Häufige Irrtümer", "{t} und {o} im Vergleich", "Übungen mit {n} Aufgaben", "Wie Fachleute {t} prüfen",
     "Wo {t} an Grenzen stoßen", "Ein Blick in die Werkstatt", "Fragen und Antworten", "Zusammenfassung",
     "Was {o} damit zu tun haben", "Ein Versuch in {n} Minuten", "Wie es weitergeht"});

constexpr auto german_headings =
    std::to_array<std::string_view>({"Der Gedanke dahinter", "Ein Beispiel", "Worauf es ankommt",
                                     "Zum Ausprobieren", "Wenn es nicht gelingt", "Ein Blick zurück"});

constexpr auto german_sentences = std::to_array<std::string_view>(
    {"{T} begegnen uns öfter, als man denkt.",
     "Wer {t} beschreiben will, braucht zuerst genaue Begriffe.",
     "In {p} hat eine Gruppe {n} Wochen lang {t} untersucht und jeden Schritt aufgeschrieben.",
     "Das Ergebnis überrascht, denn {t} verhalten sich nicht immer so, wie die Lehrbücher es erwarten "
     "lassen.",
     "Am besten gelingt es, wenn man {t} zuerst von Hand ordnet und erst danach nach einer Regel sucht.",
     "Auch {o} spielen dabei eine Rolle, doch davon handelt eine spätere Lektion.",
     "Nimm dir für diesen Abschnitt etwa {n} Minuten Zeit und lege Stift und Papier bereit.",
     "Viele verwechseln {t} mit etwas Ähnlichem, weil beides auf den ersten Blick gleich aussieht.",
     "Der Unterschied zeigt sich, sobald man die Bedingungen ein wenig verändert.",
     "Man kann {t} messen, zählen oder vergleichen; jede dieser Fragen führt zu einer anderen Antwort.",
     "Eine gute Probe ist, {t} jemandem zu erklären, der noch nie davon gehört hat.",
     "Von {n} Versuchen gelingt anfangs oft nur die Hälfte, und das ist völlig in Ordnung.",
     "Wichtig ist nicht die Geschwindigkeit, sondern dass jeder Schritt begründet werden kann.",
     "Früher hat man {t} ganz anders betrachtet, nämlich als Sonderfall ohne eigenen Wert.",
     "Heute gehören {t} zu den Grundlagen, auf denen vieles andere aufbaut.",
     "Wenn {t} zu schwierig erscheinen, hilft ein kleineres Beispiel mit einfachen Zahlen.",
     "Notiere, was dir auffällt, auch wenn es zunächst nebensächlich wirkt.",
     "So werden {t} nach und nach vertraut, und die Fachsprache verliert ihren Schrecken.",
     "Ein Handwerksbetrieb in {p} nutzt genau diesen Gedanken seit mehr als {n} Jahren.",
     "Manche Fachleute trennen {t} und {o} streng, andere behandeln beides gemeinsam.",
     "Für den Alltag genügt meist eine grobe Einteilung in drei Gruppen.",
     "Am Ende dieser Lektion kannst du {t} sicher einordnen und deine Wahl begründen.",
     "Lies den letzten Absatz noch einmal, bevor du zur Übung weitergehst.",
     "Ohne Geduld lassen sich {t} kaum beobachten, denn vieles geschieht langsam."});

constexpr auto german_steps = std::to_array<std::string_view>(
    {"{t} sammeln und sortieren", "eine Vermutung aufschreiben", "das Beispiel in Ruhe nachrechnen",
     "{t} und {o} vergleichen", "das Ergebnis jemandem erklären", "eine Gegenprobe machen"});

constexpr auto german_places = std::to_array<std::string_view>(
    {"Lübeck", "Görlitz", "Freiburg", "Bamberg", "Emden", "Chemnitz", "Passau", "Flensburg",
     "Jena",   "Aachen",  "Linz",     "Bregenz", "Chur",  "Luzern",   "Weimar", "Stralsund",
     "Fulda",  "Ulm",     "Cottbus",  "Trier",   "Graz",  "Siegen"});

constexpr auto german_first_names = std::to_array<std::string_view>(
    {"Anna",      "Ben",    "Clara",  "David",  "Elif",  "Felix",  "Greta",   "Hannes",  "Ida",   "Jonas",
     "Katharina", "Lukas",  "Marie",  "Nils",   "Olga",  "Paul",   "Ronja",   "Samuel",  "Tabea", "Umut",
     "Valentin",  "Wiebke", "Yusuf",  "Zoe",    "Achim", "Birgit", "Christa", "Dieter",  "Erika", "Frank",
     "Gudrun",    "Holger", "Ingrid", "Jürgen", "Karin", "Lothar", "Monika",  "Norbert", "Petra", "Ralf",
     "Sabine",    "Thomas", "Ursula", "Volker", "Amira", "Bogdan", "Chiara",  "Dilara",  "Emil",  "Fatma",
     "Jannik",    "Leonie", "Mehmet", "Oksana", "Sören", "Theresa"});

constexpr auto german_last_names = std::to_array<std::string_view>(
    {"Müller",  "Schmidt",  "Schneider", "Fischer", "Weber",      "Meyer",   "Wagner",   "Becker",
     "Schulz",  "Hoffmann", "Koch",      "Bauer",   "Richter",    "Klein",   "Wolf",     "Schröder",
     "Neumann", "Schwarz",  "Braun",     "Hofmann", "Zimmermann", "Krüger",  "Hartmann", "Lange",
     "Werner",  "Krause",   "Lehmann",   "Köhler",  "Herrmann",   "König",   "Walter",   "Huber",
     "Kaiser",  "Fuchs",    "Peters",    "Lang",    "Scholz",     "Möller",  "Weiß",     "Jung",
     "Hahn",    "Vogel",    "Keller",    "Günther", "Berger",     "Winkler", "Lorenz",   "Baumann",
     "Yılmaz",  "Kowalski", "Petrović",  "Nguyen",  "Demir",      "Brandt",  "Haas",     "Graf",
     "Arslan",  "Sommer",   "Böhm",      "Ziegler"});

constexpr auto german_educations = std::to_array<std::string_view>(
    {"Mittlere Reife, danach Ausbildung zur Mechatronikerin",
     "Abitur, Studium der Germanistik ohne Abschluss", "Fachabitur Technik", "Ausbildung im Einzelhandel",
     "Bachelor in Soziologie", "Meisterprüfung im Tischlerhandwerk", "Master in Umweltwissenschaften",
     "Hauptschulabschluss, seit zwanzig Jahren in der Pflege", "Ausbildung zum Fachinformatiker",
     "Diplom in Maschinenbau", "noch in der Schule, zwölfte Klasse", "Lehramt für Grundschulen"});

constexpr auto english_subjects = std::to_array<Subject>({
    {"Mathematics",
     {"fractions", "equations", "functions", "vectors", "probabilities", "sequences", "angles", "proofs"}},
    {"Statistics",
     {"averages", "samples", "spreads", "frequencies", "charts", "surveys", "correlations", "estimates"}},
    {"Computing",
     {"loops", "data types", "search methods", "networks", "databases", "interfaces", "algorithms", "tests"}},
    {"Physics",
     {"forces", "waves", "circuits", "magnetic fields", "vibrations", "lenses", "gases", "telescopes"}},
    {"Chemistry", {"acids", "metals", "salts", "plastics", "solutions", "reactions", "dyes", "crystals"}},
    {"Biology", {"cells", "ecosystems", "birds", "mushrooms", "trees", "insects", "genes", "soils"}},
    {"Geography",
     {"rivers", "mountains", "climate zones", "coasts", "cities", "maps", "volcanoes", "deserts"}},
    {"History",
     {"trade routes", "sources", "chronicles", "charters", "reforms", "archives", "coins", "guilds"}},
    {"Language",
     {"clauses", "tenses", "loanwords", "idioms", "commas", "dialects", "word classes", "arguments"}},
    {"Music",
     {"scales", "chords", "rhythms", "instruments", "choral settings", "note values", "intervals",
      "folk songs"}},
    {"Economics",
     {"markets", "balance sheets", "prices", "contracts", "budgets", "cooperatives", "taxes",
      "supply chains"}},
    {"Health",
     {"joints", "muscles", "vaccines", "nutrients", "sleep stages", "bandages", "allergies", "breaks"}},
    {"Gardening",
     {"flower beds", "compost heaps", "fruit trees", "herbs", "hedges", "perennials", "greenhouses",
      "seedlings"}},
    {"Craft",
     {"wood joints", "hand tools", "screws", "varnishes", "tiles", "insulations", "hinges", "drill bits"}},
    {"Energy",
     {"heat pumps", "solar cells", "batteries", "power grids", "wind turbines", "radiators", "efficiencies",
      "load curves"}},
    {"Design",
     {"typefaces", "colour wheels", "grids", "sketches", "posters", "photographs", "patterns",
      "proportions"}},
});

constexpr auto english_titles =
    std::to_array<std::string_view>({"Understanding {t}", "{T} in practice", "{T} from the ground up",
                                     "{T}: a first course", "{T} step by step", "{T} for the curious"});

constexpr auto english_summaries = std::to_array<std::string_view>(
    {"Most people who meet {t} for the first time ask the same three questions. This course answers them in "
     "turn, with many examples.",
     "What {t} can do, where they reach their limits, and how to tell good work from bad. With exercises "
     "from everyday life.",
     "A quiet way through the subject: look first, then try, then use {t} on your own.",
     "Short lessons on how professionals think about {t}, and on the mistakes that they avoid."});

constexpr auto english_modules = std::to_array<std::string_view>(
    {"What it is about", "First steps", "A closer look", "Use and practice", "Looking back and ahead"});

constexpr auto english_lessons = std::to_array<std::string_view>(
    {"What {t} are", "How to recognise {t}", "Why {t} matter", "An example from {p}", "Common mistakes",
     "{T} and {o} compared", "Practice with {n} tasks", "How professionals check {t}",
     "Where {t} reach their limits", "A look into the workshop", "Questions and answers", "Summary",
     "What {o} have to do with it", "An experiment in {n} minutes", "Where to go from here"});

constexpr auto english_headings =
    std::to_array<std::string_view>({"The idea behind it", "An example", "What matters", "Something to try",
                                     "When it does not work", "A look back"});

constexpr auto english_sentences = std::to_array<std::string_view>(
    {"We meet {t} more often than we think.",
     "Whoever wants to describe {t} needs precise terms first.",
     "A group in {p} studied {t} for {n} weeks and wrote down every step.",
     "The result is surprising, because {t} do not always behave as textbooks suggest.",
     "It works best to sort {t} by hand first and to look for a rule afterwards.",
     "There is a part for {o} as well, but that is for a later lesson.",
     "Take about {n} minutes for this section, and keep pen and paper at hand.",
     "Many people confuse {t} with something similar, since both look alike at first sight.",
     "The difference shows as soon as the conditions change a little.",
     "You can measure, count or compare {t}; each of these questions has another answer.",
     "A good test is to explain {t} to somebody who has never heard of them.",
     "Of {n} attempts often only half succeed in the beginning, and that is quite all right.",
     "Speed does not matter; that you can give a reason for every step does.",
     "In the past people saw {t} in another way, as a special case without much value.",
     "Today {t} belong to the foundations on which much else is built.",
     "When {t} seem too difficult, a smaller example with simple numbers helps.",
     "Write down what you notice, even if it seems unimportant at first.",
     "Little by little {t} become familiar, and the technical terms lose their terror.",
     "A workshop in {p} has used just this idea for more than {n} years.",
     "Some professionals keep {t} and {o} strictly apart, others treat both together.",
     "For everyday use a rough division into three groups is usually enough.",
     "At the end of this lesson you can tell {t} apart and give reasons for your choice.",
     "Read the last paragraph once more before you go on to the exercise.",
     "Without patience {t} can hardly be observed, for much of it happens slowly."});

constexpr auto english_steps = std::to_array<std::string_view>(
    {"collect and sort {t}", "write down what you expect", "work through the example without haste",
     "compare {t} with {o}", "explain the result to somebody", "check it in the opposite direction"});

constexpr auto english_places = std::to_array<std::string_view>(
    {"Leeds",  "Galway", "Norwich",  "Dundee",   "Cork", "Exeter", "Swansea", "Lincoln",
     "Perth",  "Durham", "Limerick", "Whitby",   "Oban", "Bath",   "Truro",   "Halifax",
     "Bangor", "Derry",  "Carlisle", "Stirling", "Ely",  "Sligo"});

constexpr auto english_first_names = std::to_array<std::string_view>(
    {"Alice",   "Brian", "Chloe",  "Daniel", "Emma",  "Finn",    "Grace",  "Harry", "Isla",   "Jack",
     "Keira",   "Liam",  "Megan",  "Noah",   "Orla",  "Patrick", "Rachel", "Sean",  "Tara",   "William",
     "Aisha",   "Bilal", "Chidi",  "Deepa",  "Ewan",  "Farah",   "Gareth", "Helen", "Imran",  "Joyce",
     "Kevin",   "Linda", "Martin", "Nadia",  "Owen",  "Priya",   "Robert", "Susan", "Trevor", "Yasmin",
     "Barbara", "Colin", "Doreen", "Eric",   "Fiona", "Graham",  "Hazel",  "Ian",   "Janet",  "Keith"});

constexpr auto english_last_names = std::to_array<std::string_view>(
    {"Smith",    "Jones",    "Taylor", "Brown",    "Wilson",   "Evans",    "Thomas",   "Roberts",
     "Johnson",  "Walker",   "Wright", "Thompson", "Robinson", "White",    "Hughes",   "Edwards",
     "Green",    "Hall",     "Wood",   "Harris",   "Lewis",    "Martin",   "Jackson",  "Clarke",
     "Clark",    "Turner",   "Hill",   "Cooper",   "Morris",   "Ward",     "Moore",    "King",
     "Watson",   "Baker",    "Morgan", "Patel",    "Young",    "Allen",    "Mitchell", "James",
     "Anderson", "Phillips", "Lee",    "Bell",     "Parker",   "Davis",    "O'Brien",  "Murphy",
     "Kelly",    "Byrne",    "Singh",  "Khan",     "Okafor",   "Campbell", "Stewart",  "Reid"});

constexpr auto english_educations = std::to_array<std::string_view>(
    {"GCSEs, then an apprenticeship as an electrician", "A levels, history at university without a degree",
     "Degree in nursing", "Left school at sixteen, worked in shops since", "BSc in biology",
     "MA in education", "Trained as a carpenter", "Leaving Certificate, 2019", "Diploma in accounting",
     "Still at school, year twelve", "PhD in chemistry", "Teaching certificate for primary schools"});

}  // namespace

const Language& german() {
    static const Language language{
        "de",           german_subjects,    german_titles,     german_summaries, german_modules,
        german_lessons, german_headings,    german_sentences,  german_steps,     german_places,
        "{}, Teil {}",  german_first_names, german_last_names, german_educations};
    return language;
}

const Language& english() {
    static const Language language{"en",
                                   english_subjects,
                                   english_titles,
                                   english_summaries,
                                   english_modules,
                                   english_lessons,
                                   english_headings,
                                   english_sentences,
                                   english_steps,
                                   english_places,
                                   "{}, part {}",
                                   english_first_names,
                                   english_last_names,
                                   english_educations};
    return language;
}

}  // namespace calyptenora::platform::demo
