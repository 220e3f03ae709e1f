import { app } from '@azure/functions';

app.timer('everySecond', {
  schedule: '* * * * * *',
  handler: (_, context) => context.log(`seen: ${JSON.stringify('a second')}`),
});
