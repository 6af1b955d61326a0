// Which table a language is.
import { en } from './en.ts';
import type { Language, Texts } from './texts.ts';
import { zhCn } from './zh-cn.ts';

export const TEXTS: Readonly<Record<Language, Texts>> = { en, 'zh-CN': zhCn };
