// Written by hand: what the German privacy page promises, and where in an xAPI statement the promised datum may be.
// The rows are the words in which the page names a datum; a word that is missing here fails the journey.

export const statement_paths = {
    'Pseudonym': ['actor.account.name'],
    'Kurs': ['context.contextActivities.parent[].id', 'context.contextActivities.parent[].objectType'],
    'Lernfortschritt': ['verb.id', 'verb.display.en', 'verb.display.de', 'object.id', 'object.objectType', 'result.completion'],
    'Zeitpunkt': ['timestamp'],
};

/** What the protocol needs and what holds no datum of the learner: the same in every statement, or random. */
export const protocol_paths = ['id', 'version', 'actor.objectType', 'actor.account.homePage'];
