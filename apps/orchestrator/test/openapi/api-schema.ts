// Made by openapi-typescript from docs/openapi.json: `npm run --prefix tools/tidy api-schema`.

export interface paths {
    "/webhooks/{source}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a forge or a tracker tells; believed only as a hint of what to read again */
        post: operations["postWebhooksBySource"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers; needs no token */
        get: operations["getHealthz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the store answers and takes writes; needs no token */
        get: operations["getReadyz"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits and why */
        get: operations["getQueue"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Every task, newest first */
        get: operations["getTasks"];
        put?: never;
        /** Enqueue a branch, or ask for a change in words */
        post: operations["postTasks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One task with its verdicts */
        get: operations["getTasksById"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What happened to a task */
        get: operations["getTasksByIdEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run a blocked task again, one that is asked again later now, or queue one anew whose branch was gone and is back */
        post: operations["postTasksByIdRetry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/override": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let one check pass for one head, with a reason that is kept */
        post: operations["postTasksByIdOverride"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a task; asking twice is asking once */
        post: operations["postTasksByIdStop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say yes to the check that waits for a person */
        post: operations["postTasksByIdApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/dependencies": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a task wait until another one is done or cancelled */
        post: operations["postTasksByIdDependencies"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/budget": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set what the agents of a task may use; a limit that is not named stays, null lifts it */
        post: operations["postTasksByIdBudget"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/tasks/{id}/papers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The papers that the branch of a task holds, at its head */
        get: operations["getTasksByIdPapers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repos": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Registered repositories */
        get: operations["getRepos"];
        put?: never;
        /** Register a bare repository on this machine, or one at an address */
        post: operations["postRepos"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repos/{id}/forge": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What a person has to set right at the forge before tasks land, and what is right */
        get: operations["getReposByIdForge"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repos/{id}/thaw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a frozen repository land again */
        post: operations["postReposByIdThaw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repos/{id}/place": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Say where a repository is now, or which branch is landed on; what is there is accepted */
        post: operations["postReposByIdPlace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Prometheus metrics; counters begin at the start of this process */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Everything that happens, as server-sent events; resumes after `since` or the Last-Event-ID header
         * @description Each event has its number as its id. A client that comes back is told what it missed, once and in order; where that is not kept any more, an event `reset` says so and from which number on the stream goes on. A client that does not take what it is sent is dropped, and can come back. The stream ends with the session that opened it.
         */
        get: operations["getEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/repos/{id}/flaky": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Tests that are flaky by proof, and tests in quarantine */
        get: operations["getReposByIdFlaky"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/leases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Merge leases and the line for each */
        get: operations["getLeases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notifications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Alerts for receivers outside, newest first */
        get: operations["getNotifications"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notifications/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a message to each receiver now, and say how each answered */
        post: operations["postNotificationsTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/notifications/{id}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send a dead letter again */
        post: operations["postNotificationsByIdResend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/coverage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Baselines and how they moved */
        get: operations["getCoverage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/coverage/baseline": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Set a baseline by hand, with a reason that is kept */
        post: operations["postCoverageBaseline"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Claim nothing more; what runs is let finish */
        post: operations["postPause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Claim again; one that the service paused itself only when it is named, which accepts what is at its forge now */
        post: operations["postResume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/jobs/{id}/log": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The output of a job, running or ended */
        get: operations["getJobsByIdLog"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Browsers that are logged in: all of them for an admin, those of the same token for anyone else */
        get: operations["getSessions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/sessions/{id}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End a session */
        post: operations["postSessionsByIdRevoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document */
        get: operations["getOpenapi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @description what to do about it */
            next?: string;
        };
        Queue: {
            /** @description start of this process; counters begin there */
            since: string;
            /** @description tasks that are not over; `tasks` is one page of them */
            total: number;
            /** @description where the next page begins; null: this is the last one */
            cursor: string | null;
            jobs: {
                /** @description those of the tasks on this page, and on the first one probes */
                live: {
                    id: number;
                    task: string | null;
                    kind: string;
                    step: string;
                    state: string;
                    attempts: number;
                    due_at: string;
                }[];
                /** @description on all pages */
                total: number;
                counts: {
                    kind: string;
                    state: string;
                    count: number;
                }[];
            };
            tasks: components["schemas"]["Task"][];
            /** @description what is switched off, and which gate leaves a repository out */
            off: string[];
            merge_gate: {
                enabled: boolean;
                scope: string[];
                verdicts: {
                    [key: string]: number;
                };
                /** @description gate commands since the start, by outcome */
                runs: {
                    [key: string]: number;
                };
                /** @description landing attempts since the start, by answer */
                landings: {
                    [key: string]: number;
                };
                /** @description processes that outlived a command and were ended */
                leftovers: number;
                leases: {
                    repo: string;
                    holder: string;
                    token: number;
                    since: string;
                }[];
                tickets: {
                    repo: string;
                    task: string;
                    since: string;
                }[];
            };
            coverage: {
                enabled: boolean;
                scope: string[];
                verdicts: {
                    [key: string]: number;
                };
            };
            security: {
                enabled: boolean;
                scope: string[];
                verdicts: {
                    [key: string]: number;
                };
                feed: string | null;
            };
            /** @description trouble that is nobody’s; an open one keeps the gates of its repository waiting */
            breakers: {
                repo: string;
                cause: string;
                host: string;
                state: string;
                since: string;
                /** @description the last task that met it */
                task: string | null;
                /** @description when main is run next; null: now, or not yet */
                probe_at: string | null;
            }[];
            stop: {
                /** @description whether a task can be stopped */
                enabled: boolean;
                /** @description since the start, like everything here but `unsettled` */
                requested: number;
                /** @description of them those that met a landing */
                deferred: number;
                /** @description cancelled tasks whose runs are over and whose keys are free */
                settled: number;
                /** @description of them those whose runs were not proven to be over */
                unverified: number;
                /** @description of them those of which something could not be cleaned up */
                left_behind: number;
                /** @description tasks that are being stopped or cleaned up now */
                unsettled: string[];
                answers: {
                    [key: string]: number;
                };
            };
        };
        Task: {
            id: string;
            repo: string;
            branch: string;
            /** @description what people call it: the key of an issue, or the branch */
            key: string;
            /** @description how often this branch has been a task; 1 is the first time */
            generation: number;
            title: string;
            profile: string;
            stage: string;
            /** @description active, waiting, blocked, stopping; ended: it is done or cancelled */
            status: string;
            step: string | null;
            /** @description what it waits for, or what blocked it */
            cause: string | null;
            /** @description why it waits, is blocked or has ended */
            reason: string | null;
            /** @description the rule that keeps its job from being begun, of which `reason` is the words: paused, service-pause, frozen, dependency, serial-gate, breaker, delayed, agents-busy or gates-busy; null: none does */
            held_by: string | null;
            /** @description how a task that is over ended: done, stopped, branch-gone, nothing-to-land, merged-outside or merged; null: it goes on */
            ended_as: string | null;
            /** @description what holds nothing up, and what its people should know */
            warnings: string[];
            base_sha: string | null;
            head_sha: string | null;
            tested_sha: string | null;
            landed_sha: string | null;
            /** @description the stop on record */
            stop: {
                requested_at: string;
                by: string;
                reason: string;
            } | null;
            /** @description when a cancelled task had been cleaned up and its branch was free to be enqueued again */
            settled_at: string | null;
            created_at: string;
            updated_at: string;
        };
        NewTask: {
            repo: string;
            /** @description the branch to land; profile gates-only */
            branch?: string;
            /** @description what it is about; needed in profile full */
            title?: string;
            description?: string;
            key?: string;
            priority?: number;
            depends_on?: string[];
            budget?: components["schemas"]["Budget"];
        } | unknown | unknown;
        /** @description what its agents may use; only an admin sets it */
        Budget: {
            time_s?: number | null;
            attempts?: number | null;
            tokens?: number | null;
            cost_usd?: number | null;
        };
        TaskDetail: components["schemas"]["Task"] & {
            checks: components["schemas"]["Check"][];
            spending: components["schemas"]["Spending"];
            /** @description the newest job that printed something */
            job: number | null;
            /** @description what its people can do about it now */
            next_steps: components["schemas"]["NextStep"][];
        };
        Check: {
            check: string;
            status: string;
            cause: string | null;
            reason: string;
            base_sha: string | null;
            head_sha: string | null;
            tested_sha: string | null;
            findings: {
                rule: string;
                message: string;
                path?: string;
                line?: number;
                commit?: string;
            }[];
            warnings: string[];
            artefact: string | null;
            /** @description whose log holds what its commands printed */
            job: number | null;
            duration_ms: number;
            at: string;
            /** @description what a green of the merge check rests on: test-run, quarantined-run, earlier-run, declared-ci or path-rule */
            basis: string | null;
            /** @description number of the command run behind it */
            basis_run: number | null;
        };
        /** @description what its agents have used; null: it has none */
        Spending: {
            /** @description starts of an agent */
            attempts: number;
            /** @description how long agents worked, in seconds */
            time_s: number;
            /** @description null: no run reported any */
            tokens: number | null;
            /** @description null: no run reported any */
            cost_usd: number | null;
            /** @description ended runs that did not report */
            silent: {
                tokens: number;
                cost: number;
            };
            /** @description what they may use; null: no limit */
            budget: {
                time_s: number | null;
                attempts: number | null;
                tokens: number | null;
                cost_usd: number | null;
            };
            /** @description oldest first */
            runs: {
                role: string;
                stage: string;
                job: number;
                started_at: string;
                /** @description null: it works, or nobody knows yet that it is over */
                ended_at: string | null;
                /** @description null: not reported */
                tokens: number | null;
                /** @description null: not reported */
                cost_usd: number | null;
                /** @description why what it reported is not taken */
                refused: string | null;
            }[];
        } | null;
        NextStep: {
            text: string;
            /** @description to type in a shell; null: there is none */
            command: string | null;
        };
        Event: {
            seq: number;
            kind: string;
            actor: string;
            at: string;
            body?: unknown;
        };
        Override: {
            check: string;
            head_sha: string;
            reason: string;
        };
        Stopped: {
            /**
             * @description cancelled: nothing ran. stopping: its run is fenced and being ended. deferred: it is landing; carried out afterwards. too_late: it is done. already: a stop was on record before
             * @enum {string}
             */
            outcome: "cancelled" | "stopping" | "deferred" | "too_late" | "already";
            task: components["schemas"]["Task"];
        };
        Stop: {
            reason?: string;
        };
        Approval: {
            check?: string;
            note?: string;
        };
        Dependency: {
            depends_on: string;
        };
        Papers: {
            /** @description the head that they were read from; null: there is none yet */
            commit: string | null;
            papers: {
                name: string;
                /** @description in the repository */
                path: string;
                /** @description secrets masked; a cut is said at its end */
                text: string;
            }[];
        };
        Repo: {
            id: string;
            url: string;
            forge: string;
            /** @description name of its credential; null: it needs none */
            credential: string | null;
            main: string;
            profile: string;
            policy_path: string | null;
            frozen_reason: string | null;
            paused: boolean;
            /** @description why the service itself paused it */
            paused_reason: string | null;
            /** @description where its forge says that it is now; null: at its url */
            moved_to: string | null;
        };
        RegisteredRepo: components["schemas"]["Repo"] & {
            findings: components["schemas"]["ForgeFinding"][];
        };
        ForgeFinding: {
            name: string;
            /** @enum {string} */
            status: "ok" | "warn" | "fail";
            detail: string;
            /** @description the click or command that mends it */
            next: string | null;
        };
        NewRepo: {
            id: string;
            /** @description a bare repository on this machine */
            path?: string;
            /** @description https://…, ssh://… or user@host:…, in place of path */
            url?: string;
            /**
             * @description what serves the address; chosen by its host if absent
             * @enum {string}
             */
            forge?: "local" | "git" | "gitea" | "github";
            /** @description name of ORCH_CREDENTIAL_<NAME>, never its value */
            credential?: string;
            main?: string;
            policy_path?: string;
            /** @enum {string} */
            profile?: "full" | "gates-only";
        };
        Place: {
            /** @description a path of this machine, or an address */
            address?: string;
            /** @description the branch that is landed on */
            main?: string;
        };
        FlakyTest: {
            repo: string;
            /** @description as the runner says it; long names end in a digest of the whole */
            name: string;
            /** @description red runs on trees on which it was green, too */
            reds: number;
            greens: number;
            /** @description on how many trees it was red and green; 0: not proven, only quarantined */
            trees: number;
            proven_flaky_at: string | null;
            last_seen: string | null;
            /** @description the entry of test.quarantine in the operator's file or on main */
            quarantine: {
                owner: string;
                reason: string;
                expires: string;
                /** @description the entry has no effect: it expired, or test.flaky says otherwise */
                decides: boolean;
            } | null;
        };
        Lease: {
            repo: string;
            /** @description the task that may move main; null: nobody holds it */
            holder: string | null;
            /** @description fencing token of the holder; only grows */
            token: number | null;
            acquired_at: string | null;
            renewed_at: string | null;
            line: {
                task: string;
                since: string;
            }[];
        };
        Notification: {
            id: number;
            route: string;
            /** @enum {string} */
            state: "pending" | "sent" | "dead";
            /** @description the task or repository */
            about: string;
            text: string;
            attempts: number;
            due_at: string;
            last_error: string | null;
        };
        TriedRoute: {
            route: string;
            /** @enum {string} */
            status: "told" | "untold" | "rejected";
            reason: string | null;
        };
        Baseline: {
            repo: string;
            branch: string;
            /** @description sha256 of the coverage command the numbers were made with */
            command_hash: string;
            seq: number;
            /** @description the best that landed; never falls without an override */
            mark: {
                covered: number;
                total: number;
                commit: string;
            };
            /** @description where growth is counted from */
            ref: {
                uncovered: number;
                total: number;
            };
            last: {
                covered: number;
                total: number;
                commit: string;
            };
            history: {
                seq: number;
                covered: number;
                total: number;
                commit: string;
                actor: string;
                reason: string;
                at: string;
            }[];
        };
        BaselineOverride: {
            repo: string;
            branch?: string;
            command_hash?: string;
            covered: number;
            total: number;
            reason: string;
        };
        /** @description one repository, or all when none is named */
        Which: {
            repo?: string;
        };
        Session: {
            id: number;
            /** @description name of the token it was opened with */
            token: string;
            scope: string;
            created_at: string;
            last_used_at: string;
            expires_at: string;
        };
    };
    responses: {
        /** @description the request is not what this route takes */
        Refused400: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description who asks is not known */
        Refused401: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description who asks may not do this, or another site asks */
        Refused403: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description no such thing */
        Refused404: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description not now, or not like this */
        Refused409: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description the body is too large */
        Refused413: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description the body is not of the type that this route takes */
        Refused415: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description this service has no such host name */
        Refused421: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description what proves who asks is wrong, and was many times from this address; the right one is let through at once */
        Refused429: {
            headers: {
                /** @description seconds */
                "retry-after": string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description the address and the headers are longer than 16 KiB */
        Refused431: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description the service could not answer; nobody knows whether it did what was asked for */
        Refused503: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    postWebhooksBySource: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                source: "gitea" | "github" | "plane";
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": unknown;
            };
        };
        responses: {
            /** @description on record now, or before */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "accepted";
                    };
                };
            };
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getHealthz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description it does */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                        since: string;
                    };
                };
            };
            421: components["responses"]["Refused421"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getReadyz: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        status: "ready";
                    };
                };
            };
            421: components["responses"]["Refused421"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getQueue: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description queue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queue"];
                };
            };
            /** @description what the etag in If-None-Match stands for is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getTasks: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
                /** @description only those with this id, key or branch; at most 100, on one page */
                called?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description tasks */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"][];
                };
            };
            /** @description what the etag in If-None-Match stands for is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewTask"];
            };
        };
        responses: {
            /** @description enqueued */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getTasksById: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TaskDetail"];
                };
            };
            /** @description what the etag in If-None-Match stands for is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getTasksByIdEvents: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description events */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Event"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasksByIdRetry: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasksByIdOverride: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Override"];
            };
        };
        responses: {
            /** @description task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasksByIdStop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Stop"];
            };
        };
        responses: {
            /** @description the task is at its end */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stopped"];
                };
            };
            /** @description recorded; the task will be cancelled */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stopped"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasksByIdApprove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Approval"];
            };
        };
        responses: {
            /** @description task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasksByIdDependencies: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Dependency"];
            };
        };
        responses: {
            /** @description task */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Task"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postTasksByIdBudget: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Budget"];
            };
        };
        responses: {
            /** @description what they have used, and may use now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Spending"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getTasksByIdPapers: {
        parameters: {
            query?: {
                /** @description only this one */
                name?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description at most 20 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Papers"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getRepos: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description repositories */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repo"][];
                };
            };
            /** @description what the etag in If-None-Match stands for is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postRepos: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewRepo"];
            };
        };
        responses: {
            /** @description registered */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredRepo"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getReposByIdForge: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description read at the forge now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForgeFinding"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postReposByIdThaw: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description repository */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repo"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postReposByIdPlace: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Place"];
            };
        };
        responses: {
            /** @description as it is now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repo"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description metrics */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getEvents: {
        parameters: {
            query?: {
                since?: number;
                /** @description changes: messages without a name that only say which task or repository to read again */
                as?: "events" | "changes";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description a stream */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": unknown;
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getReposByIdFlaky: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the last seen first */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FlakyTest"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getLeases: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description leases */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lease"][];
                };
            };
            /** @description what the etag in If-None-Match stands for is as it was */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getNotifications: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
                state?: "pending" | "sent" | "dead";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the newest first */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Notification"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postNotificationsTest: {
        parameters: {
            query?: {
                route?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description one row for each route */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TriedRoute"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postNotificationsByIdResend: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description it is due */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: number;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getCoverage: {
        parameters: {
            query?: {
                /** @description rows of a page */
                limit?: number;
                /** @description the x-next-cursor, or `cursor`, of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description baselines */
            200: {
                headers: {
                    /** @description rows of the whole list */
                    "x-total-count": string;
                    /** @description where the next page begins; absent on the last one */
                    "x-next-cursor"?: string;
                    /** @description the next page, rel="next"; absent on the last one */
                    link?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Baseline"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postCoverageBaseline: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BaselineOverride"];
            };
        };
        responses: {
            /** @description the new baseline */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Baseline"];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            409: components["responses"]["Refused409"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postPause: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Which"];
            };
        };
        responses: {
            /** @description the repositories as they are now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repo"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postResume: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Which"];
            };
        };
        responses: {
            /** @description the repositories as they are now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Repo"][];
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getJobsByIdLog: {
        parameters: {
            query?: {
                tail?: number;
            };
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description text */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            404: components["responses"]["Refused404"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getSessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description the newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"][];
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    postSessionsByIdRevoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description it is over */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        id: number;
                    };
                };
            };
            400: components["responses"]["Refused400"];
            401: components["responses"]["Refused401"];
            403: components["responses"]["Refused403"];
            404: components["responses"]["Refused404"];
            413: components["responses"]["Refused413"];
            415: components["responses"]["Refused415"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
    getOpenapi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1 */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            401: components["responses"]["Refused401"];
            421: components["responses"]["Refused421"];
            429: components["responses"]["Refused429"];
            431: components["responses"]["Refused431"];
            503: components["responses"]["Refused503"];
        };
    };
}
