// The demonstration with its counterparts, as `./run` starts it: a learning record store, a mail server, a video service.
import { demo_environment } from '../../peers/demo_environment.mjs';
import { start_lrs } from '../../peers/lrs.mjs';
import { start_mail_sink } from '../../peers/mail_sink.mjs';
import { start_video_origin } from '../../peers/video_origin.mjs';
import { start_platform } from './platform.mjs';

/**
 * `options` are those of start_platform(), with what `env` changes about the environment.
 *
 * {platform, lrs, mail, video, restart(options), stop()}; after restart() `platform` is another one, with the same
 * counterparts and other data.
 */
export async function start_demonstration(options) {
    const [lrs, mail, video] = await Promise.all([start_lrs(), start_mail_sink(), start_video_origin()]);
    const demonstration = {
        lrs,
        mail,
        video,
        platform: null,
        async restart({ env, ...rest }) {
            await demonstration.platform?.stop();
            const addresses = { lrs: lrs.addresses, mail: mail.addresses, video: video.addresses };
            const key = 'a key that signs addresses during this test';
            demonstration.platform = await start_platform({ ...rest, env: { ...demo_environment({ ...addresses, key }), ...env } });
            return demonstration.platform;
        },
        async stop() {
            await demonstration.platform?.stop();
            await Promise.all([lrs, mail, video].map((one) => one.stop()));
        },
    };
    try {
        await demonstration.restart(options);
    } catch (error) {
        await demonstration.stop();
        throw error;
    }
    return demonstration;
}
