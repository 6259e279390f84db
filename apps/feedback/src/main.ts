import { run } from '#service/run';
import { config } from './config.ts';
import { FeedbackModule } from './feedback.module.ts';

await run('feedback', ({ RELEASE }) => FeedbackModule.ofRelease(RELEASE), config);
