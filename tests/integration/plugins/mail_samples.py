"""Prints mails made by Python's email package, and what its parser reads out of them, as JSON lines."""
import base64
import json
from email import message_from_bytes, policy
from email.message import EmailMessage

TO = "case-mfrggzdfmztwq2lknnwg23tpob-73ee623aeb92a07f@cases.lms.example"
BODIES = ["Kurze Antwort.", "Grüße aus Köln: 5 € für „drei“ Äpfel\n\nund noch eine Zeile", "x" * 500 + " lang",
          "= am Anfang\n.Punkt\nFrom hier\n\ttab", "日本語のテキスト"]


def samples():
    for body in BODIES:
        for charset in ("utf-8", "iso-8859-1", "windows-1252"):
            for encoding in ("quoted-printable", "base64", "8bit"):
                try:
                    body.encode(charset)
                except UnicodeEncodeError:
                    continue
                for html in (False, True):
                    mail = EmailMessage(policy=policy.SMTP)
                    mail["From"] = "Jürgen Müller <support@lms.example>"
                    mail["To"] = f'"Fall, Größe 1" <{TO}>, someone@else.example'
                    mail["Subject"] = "Re: " + body.split("\n")[0][:60]
                    mail["Message-ID"] = "<1@lms.example>"
                    try:
                        mail.set_content(body, charset=charset, cte=encoding)
                    except ValueError:  # 8bit with lines that are too long
                        continue
                    if html:
                        mail.add_alternative("<p>something else</p>", subtype="html")
                        mail.add_attachment(b"attached", maintype="text", subtype="plain", filename="a.txt")
                    yield mail.as_bytes()


for raw in samples():
    part = message_from_bytes(raw, policy=policy.default).get_body(("plain",))
    print(json.dumps({"mail": base64.b64encode(raw).decode(), "text": part.get_content()}))
