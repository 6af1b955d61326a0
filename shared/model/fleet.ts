// What is known of the VMs of the fleet that is not in any log: one state per VM, and where the sweep stands.

/** A VM as the list of the fleet describes it. */
export interface FleetVm {
  /** Hash of project, zone and number, 16 hex digits: the same as a proxy's id in sightings. */
  readonly id: string;
  readonly project: string;
  readonly zone: string;
  /** Google's number for it. */
  readonly number: string;
  readonly name: string;
  /** Name of the managed group that made it; `` if none did. */
  readonly group: string;
  /** Where that group is: `zones/Z` or `regions/R`; `` if none made it. */
  readonly groupPlace: string;
  readonly isRunning: boolean;
  /** When it was last started. */
  readonly startedAtMs: number;
  /** Its own metadata turns guest attributes on; false also where only the project's metadata may do so. */
  readonly hasGuestAttributes: boolean;
  /**
   * Its label or its metadata says that Google's agent sets its proxy up: then guest attributes that are missing are a
   * fault. Elsewhere, a VM seen in entries whose Envoy somebody set up by hand, they are not.
   */
  readonly isManaged: boolean;
}

/** `proxies/{id}`: what the guest attributes of one VM said when somebody looked last and something had changed. */
export interface ProxyState {
  readonly vm: FleetVm;
  /** The heartbeat as it was written, and when, by our clock, the agent wrote it: its own clock may be wrong. */
  readonly heartbeat: string;
  readonly beatAtMs: number;
  readonly bootstrapStatus: string;
  readonly proxyVersion: string;
  readonly lastFailure: string;
  /** When that failure was first seen; 0 without one. */
  readonly failureSinceMs: number;
  /** Why the attributes could not be read; `` if they could. */
  readonly unreadable: string;
  /** Since when that is the reason; 0 while they can be read. */
  readonly unreadableSinceMs: number;
  /** Incidents that this VM is part of right now, as the sweep sees it. */
  readonly incidents: readonly string[];
  /** When this was written. */
  readonly seenAtMs: number;
  /** When somebody looked last; later than `seenAtMs` only in memory. */
  readonly lookedAtMs: number;
  /** The store has it in the form of an earlier release: it is written at the next look, whatever that finds. */
  readonly isOldForm?: true;
}

/** `sweeps/fleet`: where the next sweep carries on. */
export interface SweepState {
  /** Project and region → id of the VM that was read last. */
  readonly cursors: Readonly<Record<string, string>>;
  /** What could not be read at the last look, in words, with the number of VMs: said when it changes. */
  readonly unreadable: Readonly<Record<string, number>>;
  /** Ids of incidents of whole projects that the last tick found true: no VM stands for them. */
  readonly standing: readonly string[];
  readonly sweptAtMs: number;
}

/** `sweeps/pipeline`: the habit of the pipeline itself, so that its silence can be told from a quiet night. */
export interface PipelineState {
  /** When the last entry of any kind was taken in; 0 = never. */
  readonly lastArrivalMs: number;
  /** Since when it is watched. */
  readonly sinceMs: number;
  /** The longest time without an entry so far. */
  readonly longestGapMs: number;
}
