/** The pure reducer as the store calls it. */
import type { Decision, EngineConfig, EngineEvent, Profile, TaskState } from '@gatehouse/stage-engine';

/** The pure reducer with its settings; the store calls it inside the transaction of the event. */
export interface Engine {
  readonly decide: (state: TaskState, event: EngineEvent, config: EngineConfig) => Decision;
  readonly initialState: (profile: Profile) => TaskState;
  readonly config: EngineConfig;
}
