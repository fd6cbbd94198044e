// A register of people at a third party, for which there is no product to take: what analytics/register
// (tests/browser/plugins) talks to. It keeps what it is told of each person and does what it is asked for, unless it is
// told to behave like one that
//
//     down        cannot be reached
//     nonsense    answers with a page instead of what was agreed
//     retained    keeps what it has, since a law demands it
import { start_loopback_server } from './loopback_server.mjs';

/**
 * Returns {url, people: Map of pseudonym -> {name, lessons, restricted}, asked: [{right, learner}], behave(manner), stop()};
 * `manner` is one of those above, or 'well'.
 */
export async function start_register() {
    const people = new Map();
    const asked = [];
    let manner = 'well';

    const rights = {
        export: (learner) => ({ done: { evidence: JSON.stringify(people.get(learner) ?? null) } }),
        erase: (learner) => {
            people.delete(learner);
            return { done: { evidence: 'deleted from the register' } };
        },
        rectify: (learner, { name }) => {
            if (people.has(learner)) people.get(learner).name = name;
            return { done: { evidence: 'the entry has been corrected' } };
        },
        restrict: (learner) => {
            if (people.has(learner)) people.get(learner).restricted = true;
            return { done: { evidence: 'the entry is locked' } };
        },
    };
    const enter = ({ learner, name, lesson }) => {
        const person = people.get(learner) ?? { name: null, lessons: [], restricted: false };
        // A lesson is begun and completed; an enrolment has none.
        const lessons = [...new Set([...person.lessons, lesson])].filter(Boolean);
        people.set(learner, { ...person, name: name ?? person.name, lessons });
        return {};
    };
    const answer_to = (right, body) => {
        if (right === 'entries') return enter(body);
        asked.push({ right, learner: body.learner });
        if (manner === 'retained' && right === 'erase') {
            return { retained: { reason: 'section 257 HGB', until: '2034-12-31' } };
        }
        return rights[right](body.learner, body);
    };

    const server = await start_loopback_server((request, response, { path, body }) => {
        if (manner === 'nonsense') {
            response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Wartungsarbeiten</h1>');
            return;
        }
        const text = JSON.stringify(answer_to(path.slice(1), JSON.parse(body)));
        response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    });
    return {
        url: server.url,
        people,
        asked,
        behave: async (next) => {
            if (next === 'down') await server.go_down();
            else if (manner === 'down') await server.come_up();
            manner = next;
        },
        stop: () => server.stop(),
    };
}
