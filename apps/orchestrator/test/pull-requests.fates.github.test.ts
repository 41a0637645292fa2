/** What becomes of pull requests, and of their repository, at a double of GitHub; it is not the real one. */
import { fatesOfPullRequests } from './pull-requests.fates.contract.ts';
import { describeWhole } from './tool-tests.ts';

describeWhole('all of it', () => fatesOfPullRequests('github'));
