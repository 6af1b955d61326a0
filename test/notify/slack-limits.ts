// Slack's published limits, as a validator: what a message breaks, or nothing. Used by every test that sees a message.
// Block Kit reference: header 150, section text 3,000, context 10 elements, actions 25 elements, button text 75,
// action_id 255, value 2,000, url 3,000, overflow 1 to 5 options of 75/150 characters, 50 blocks; text 40,000.
import { z } from 'zod';

const text = (max: number) => z.string().min(1).max(max);
const plain = (max: number) => z.strictObject({ type: z.literal('plain_text'), text: text(max) });
const mrkdwn = z.strictObject({ type: z.literal('mrkdwn'), text: text(3_000), verbatim: z.literal(true) });
const button = z.strictObject({
  type: z.literal('button'),
  action_id: text(255),
  text: plain(75),
  value: text(2_000),
  style: z.enum(['primary', 'danger']).optional(),
  url: z.url().max(3_000).optional(),
});
const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: text(255),
  options: z
    .array(z.strictObject({ text: plain(75), value: text(150) }))
    .min(1)
    .max(5),
});
const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn }),
  z.strictObject({ type: z.literal('context'), elements: z.array(mrkdwn).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    elements: z
      .array(z.discriminatedUnion('type', [button, overflow]))
      .min(1)
      .max(25),
  }),
  z.strictObject({ type: z.literal('divider') }),
]);

const message = z
  .looseObject({
    text: text(40_000),
    blocks: z.array(block).max(50),
    metadata: z
      .strictObject({
        event_type: text(255),
        event_payload: z.record(z.string(), z.union([z.string(), z.number()])),
      })
      .optional(),
  })
  // Not published: Slack answers `msg_blocks_too_long` somewhere above 13,200 characters of blocks.
  .refine(({ blocks }) => JSON.stringify(blocks).length <= 13_200, 'blocks too long in all')
  .refine(({ blocks }) => {
    const ids = blocks.flatMap((one) =>
      one.type === 'actions' ? one.elements.map(({ action_id: id }) => id) : [],
    );
    return new Set(ids).size === ids.length;
  }, 'an action_id twice')
  // Formatting characters make every block code after one that is not closed.
  .refine(
    ({ blocks }) => mrkdwnOf(blocks).every((shown) => (shown.match(/```/g) ?? []).length % 2 === 0),
    'a code block that stays open',
  );

type Block = z.infer<typeof block>;

/** Every mrkdwn text of the blocks. */
function mrkdwnOf(blocks: readonly Block[]): readonly string[] {
  return blocks.flatMap((one) => {
    if (one.type === 'section') return [one.text.text];
    return one.type === 'context' ? one.elements.map((element) => element.text) : [];
  });
}

/** What Slack would refuse or show wrongly; empty for a good message. */
export function limitFaults(given: unknown): readonly string[] {
  const checked = message.safeParse(given);
  if (checked.success) return [];
  return checked.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}

/** Every text of a message that Slack reads as mrkdwn: blocks and the fallback. */
export function mrkdwnTexts(given: unknown): readonly string[] {
  const { blocks, text: fallback } = message.parse(given);
  return [...mrkdwnOf(blocks), fallback];
}

/** Everything between angle brackets is live in mrkdwn: only our own dates and links may be. */
export function liveParts(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((shown) => shown.match(/<[^>]*>?/g) ?? [])
    .filter((part) => !/^<!date\^\d+\^[^<>|]*\|[^<>]*>$/.test(part))
    .filter((part) => !/^<https:\/\/console\.cloud\.google\.com\/[^<>|\s]*\|[^<>|]{1,20}>$/.test(part));
}
