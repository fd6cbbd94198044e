// The oracle's own test: each of its promises is broken on purpose, and it has to say so.
import assert from 'node:assert/strict';

export async function prove_that_it_can_fail({ database, statements, add_statement, mails, requests_to_store }, people, complaints) {
    const [payer, asker, pupil, leaver] = ['payment', 'case', 'statement', 'withdrawal'].map((wanted) => people.find(({ flow }) => flow === wanted));
    const [payment, asked, taught] = [payer, asker, pupil].map(({ person }) => person);
    const order = `reference = '${payment.reference}'`;
    const case_id = asked.case.split('/').at(-1);

    const sabotage = [
        ['books', payer, () => database.query(`update orders set captured_minor = 2 * captured_minor where ${order}`)],
        ['enrolments', payer, () => database.query(`delete from enrolments where learner = (select learner from orders where ${order})`)],
        ['messages', asker, () => database.query(`delete from case_messages where case_id = '${case_id}'`)],
        ['mails', asker, () => mails().push({ ...mails().find(({ subject }) => subject?.includes(asked.subject)), message_id: '<another@one>' })],
        [
            'statements',
            pupil,
            async () => {
                const { actor, verb, object } = (await statements()).find(
                    (one) => one.actor.account.name === taught.pseudonym && one.object.id.endsWith(taught.lesson),
                );
                await add_statement({ actor, verb, object });
            },
        ],
        [
            'sent_afterwards',
            leaver,
            () => requests_to_store().push({ method: 'POST', body: leaver.person.pseudonym, first_byte_at: Date.now() * 1000 }),
        ],
    ];
    for (const [fact, victim, act] of sabotage) {
        const is_complained_of = async () => (await complaints([victim])).some((complaint) => complaint.includes(`: ${fact}: `));
        assert.ok(!(await is_complained_of()), `${fact}: complained of before it is broken`);
        await act();
        assert.ok(await is_complained_of(), `${fact}: broken, and nobody complains`);
    }
    console.log(`negative controls: the oracle complained of ${sabotage.map(([fact]) => fact).join(', ')} when they were broken`);
}
