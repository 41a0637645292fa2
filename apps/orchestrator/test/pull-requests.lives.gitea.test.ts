/** A whole life of pull requests on a double of Gitea, which is held to recorded exchanges and is not Gitea. */
import { livesOfPullRequests } from './pull-requests.lives.contract.ts';
import { describeWhole } from './tool-tests.ts';

describeWhole('all of it', () => livesOfPullRequests('gitea'));
