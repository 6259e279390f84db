import { run } from '#service/run';
import { config } from './config.ts';
import { RecommendationsModule } from './recommendations.module.ts';

await run('recommendations', ({ RELEASE }) => RecommendationsModule.ofRelease(RELEASE), config);
