import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from "yaml";
import { WorkerError } from "../errors.ts";

/** A name, maybe a tag, and the digest in full. A variable would be filled in by the host. */
const PINNED = /^[^\s@$]+@sha256:[0-9a-f]{64}$/;

const MAX_SERVICES = 64;
/** A few shared blocks are usual; an alias of an alias of an alias grows without end. */
const MAX_ALIASES = 32;

/** What would bring in code that no digest in this file names. */
const FOREIGN_AT_TOP = ["include", "models"];
const FOREIGN_IN_SERVICE = ["build", "extends", "provider", "models"];

type Members = Readonly<Record<string, unknown>>;

const malformed = (subject: string, expected: string, found: string) =>
  new WorkerError("COMPOSE_MALFORMED", { subject, expected, found });

function asMembers(value: unknown, subject: string): Members {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Members;
  }
  const found = value === null || value === undefined ? "nothing" : typeof value;
  throw malformed(subject, "a mapping", Array.isArray(value) ? "a list" : found);
}

function refuse(members: Members, names: readonly string[], where: string): void {
  for (const name of names) {
    if (members[name] === undefined) continue;
    const expected = "everything that runs named by a digest in this file";
    throw malformed(`${where}${name}`, expected, `"${name}", which brings in other code`);
  }
}

function expectPinned(image: unknown, subject: string): string {
  if (typeof image === "string" && PINNED.test(image)) return image;
  throw new WorkerError("IMAGE_NOT_PINNED", {
    subject,
    expected: "name@sha256:<64 hex digits>",
    found: typeof image === "string" ? image : "no image",
  });
}

/** Volumes that are images: `type: image`. */
function imageVolumes(service: Members, where: string): string[] {
  const volumes = service.volumes ?? [];
  if (!Array.isArray(volumes)) throw malformed(`${where}volumes`, "a list", typeof volumes);
  return volumes
    .filter((volume): volume is Members => typeof volume === "object" && volume !== null)
    .filter(({ type }) => type === "image")
    .map(({ source }) => expectPinned(source, `${where}volumes`));
}

/** Anchors, aliases and tags, counted before anything is expanded. */
function checkNodes(node: unknown, count: { aliases: number }): void {
  if (isAlias(node)) {
    count.aliases++;
    if (count.aliases > MAX_ALIASES) {
      throw malformed("compose file", `at most ${MAX_ALIASES} aliases`, "more");
    }
    return;
  }
  const tag = (node as Node | null)?.tag;
  if (typeof tag === "string" && tag.startsWith("!")) {
    // `!reset` and `!override` change what is merged, and other readers know other tags.
    throw malformed("compose file", "no tags of its own", tag);
  }
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      if (!isScalar(key)) throw malformed("compose file", "keys that are texts", "another key");
      checkNodes(value, count);
    }
  }
  if (isSeq(node)) for (const item of node.items) checkNodes(item, count);
}

function readYaml(text: string): unknown {
  // Keys that stand twice are an error: which one counts would differ between readers.
  const document = parseDocument(text, { merge: true, uniqueKeys: true, strict: true });
  const [error] = document.errors;
  if (error !== undefined) throw malformed("compose file", "YAML", error.code);
  checkNodes(document.contents, { aliases: 0 });
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (cause) {
    throw malformed("compose file", "YAML that expands", cause instanceof Error ? cause.name : "");
  }
}

/**
 * The images that a docker-compose file runs. It refuses whatever the file's text does not fix: an
 * image by its tag alone, one that is built, services from other files.
 *
 * Errors: `COMPOSE_MALFORMED`, `IMAGE_NOT_PINNED`.
 */
export function pinnedImages(text: string): { service: string; image: string }[] {
  const file = asMembers(readYaml(text), "compose file");
  refuse(file, FOREIGN_AT_TOP, "");
  const services = Object.entries(asMembers(file.services, "services"));
  if (services.length === 0 || services.length > MAX_SERVICES) {
    throw malformed("services", `1 to ${MAX_SERVICES}`, String(services.length));
  }
  return services.flatMap(([name, value]) => {
    const where = `services.${name}.`;
    const service = asMembers(value, `services.${name}`);
    refuse(service, FOREIGN_IN_SERVICE, where);
    const image = expectPinned(service.image, `${where}image`);
    return [image, ...imageVolumes(service, where)].map((one) => ({ service: name, image: one }));
  });
}
