// Written by hand: what the German privacy page promises, and where in an xAPI statement the promised datum may be.
// The rows are the words in which the page names a datum; a word that is missing here fails the journey. A datum that
// the learner was not promised has no row in use, so that a leaf of it is found out.

export const statement_paths = {
    'ein Pseudonym, das nur dieser Empfänger kennt': ['actor.account.name'],
    'belegte Kurse': [
        'context.contextActivities.parent[].id',
        'context.contextActivities.parent[].objectType',
        'context.contextActivities.grouping[].id',
        'context.contextActivities.grouping[].objectType',
    ],
    'Lernfortschritt': [
        'verb.id',
        'verb.display.de',
        'verb.display.en',
        'object.id',
        'object.objectType',
        'object.definition.type',
        'object.definition.name.de',
        'object.definition.name.en',
        'result.completion',
        'context.contextActivities.parent[].id',
        'context.contextActivities.parent[].objectType',
        'context.contextActivities.parent[].definition.type',
        'context.contextActivities.parent[].definition.name.de',
        'context.contextActivities.parent[].definition.name.en',
        'timestamp',
    ],
    'Ergebnisse und Noten': ['result.score.scaled', 'result.success'],
    'welche Videos, wie lange und in welcher Qualität': ['result.duration'],
    'Sprache, Zeitzone und Darstellung': ['context.language'],
    'E-Mail-Adresse': ['actor.mbox'],
    'Name': ['actor.name'],
};

/** What the protocol needs and what holds no datum of the learner: the same in every statement, or random. */
export const protocol_paths = ['id', 'version', 'actor.objectType', 'actor.account.homePage', 'context.platform'];
