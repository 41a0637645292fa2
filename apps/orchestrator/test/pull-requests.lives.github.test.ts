/** A whole life of pull requests on a double of GitHub, which is judged by its published description and is not GitHub. */
import { livesOfPullRequests } from './pull-requests.lives.contract.ts';
import { describeWhole } from './tool-tests.ts';

describeWhole('all of it', () => livesOfPullRequests('github'));
