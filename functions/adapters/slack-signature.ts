// Is this request Slack's? Its signature over the raw body, compared in constant time. Nothing here reads the body.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SignatureCheck } from '../ports.ts';

const VERSION = 'v0';

/** A check with this signing secret. */
export function createSignatureCheck(secret: string): SignatureCheck {
  return ({ timestamp, signature, body }) => {
    const expected = Buffer.from(
      `${VERSION}=${createHmac('sha256', secret).update(`${VERSION}:${timestamp}:`).update(body).digest('hex')}`,
    );
    const given = Buffer.from(signature);
    // The length is public: it is the same for every signature.
    return given.length === expected.length && timingSafeEqual(given, expected);
  };
}
