/**
 * What config/demo.yaml reads from the environment. `lrs`, `mail` and `video` are the addresses of these peers; `key`
 * signs addresses of films and of cases.
 */
export const demo_environment = ({ lrs, mail, video, key }) => ({
    CALYPTENORA_DEMO_LRS_URL: lrs.url,
    CALYPTENORA_DEMO_LRS_HOST: new URL(lrs.url).host,
    CALYPTENORA_DEMO_LRS_USERNAME: lrs.username,
    CALYPTENORA_DEMO_LRS_PASSWORD: lrs.password,
    CALYPTENORA_DEMO_SMTP_HOST: mail.host,
    CALYPTENORA_DEMO_SMTP_PORT: String(mail.port),
    CALYPTENORA_DEMO_SMTP_USERNAME: mail.username,
    CALYPTENORA_DEMO_SMTP_PASSWORD: mail.password,
    CALYPTENORA_DEMO_SMTP_CA_FILE: mail.ca_file,
    CALYPTENORA_DEMO_VIDEO_ORIGIN: video.url,
    CALYPTENORA_DEMO_KEY: key,
});
