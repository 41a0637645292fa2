/** What becomes of pull requests, and of their repository, at a double of Gitea; it is not the real one. */
import { fatesOfPullRequests } from './pull-requests.fates.contract.ts';

fatesOfPullRequests('gitea');
