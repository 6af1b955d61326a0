// A notification: the message an incident deserves now, and the named reason to speak or to stay silent.

export type SpeakReason = 'first-sighting' | 'came-back' | 'state-changed' | 'grew' | 'message-lost';

export type SilentReason =
  | 'nothing-changed'
  | 'too-soon' // the edit is debounced; it comes later
  | 'weak-evidence' // healthy proxies write such lines too, and they neither repeated nor lasted
  | 'below-threshold' // an unrecognised error that has not been seen often enough
  | 'muted'
  | 'old-news' // every entry is older than the quiet that would resolve it
  | 'over-before-told' // resolved before anybody was told
  | 'slack-asked-to-wait';

/** What reconcile has to do with Slack. */
export type Notification =
  | { readonly kind: 'post'; readonly reason: SpeakReason }
  | { readonly kind: 'update'; readonly reason: SpeakReason }
  | { readonly kind: 'silent'; readonly reason: SilentReason; readonly lookAtMs: number };
