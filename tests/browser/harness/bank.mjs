// The learner's and the school's bank: reads a GiroCode off a screenshot and writes a statement (camt.053).
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** What a banking app reads: {service_tag, bic, name, iban, currency, amount, reference}. */
export function read_girocode(screenshot) {
    const text = execFileSync('zbarimg', ['--quiet', '--raw', '-Sdisable', '-Sqrcode.enable', screenshot], { encoding: 'utf8' });
    // EPC069-12: one element a line.
    const [service_tag, , , , bic, name, iban, amount, , structured, unstructured] = text.split(/\r?\n/);
    return { service_tag, bic, name, iban, currency: amount.slice(0, 3), amount: amount.slice(3), reference: structured || unstructured };
}

const escape_xml = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Writes a statement with one credit for each of `payments` = [{amount: "19.00", reference, payer, bank_reference}]. */
export function write_statement(file, { iban, currency = 'EUR', date = new Date().toISOString().slice(0, 10), payments }) {
    const total = payments.reduce((sum, { amount }) => sum + Number(amount), 0).toFixed(2);
    const balance = (code, amount) =>
        `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`;
    const entries = payments.map(
        ({ amount, reference, payer = 'Erika Mustermann', bank_reference }) => `<Ntry><Amt Ccy="${currency}">${amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${date}</Dt></BookgDt><ValDt><Dt>${date}</Dt></ValDt>
<AcctSvcrRef>${escape_xml(bank_reference)}</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<RltdPties><Dbtr><Pty><Nm>${escape_xml(payer)}</Nm></Pty></Dbtr></RltdPties>
<RmtInf><Ustrd>${escape_xml(reference)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>`,
    );
    writeFileSync(
        file,
        `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>STATEMENT-${date}</MsgId><CreDtTm>${date}T06:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>${date}</Id><CreDtTm>${date}T06:00:00Z</CreDtTm><Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>${currency}</Ccy></Acct>
${balance('OPBD', '0.00')}${balance('CLBD', total)}
${entries.join('\n')}
</Stmt></BkToCstmrStmt></Document>
`,
    );
    return file;
}
