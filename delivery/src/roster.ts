/**
 * Who is under way now, of a crowd that changes thousands of times a second. A Set would do, but for how V8 keeps one: when its table is
 * full the members move to a new one, and the old table keeps its members and a link to the new. Once it has grown old, all that
 * hangs on it (here half of all attempts, with their answers) stays in memory until the next full collection.
 */
export interface Member {
  /** Kept by the roster. */
  place: number;
}

export interface Roster<Who extends Member> {
  add(member: Who): void;
  remove(member: Who): void;
  /** Those that are in it now, in any order. */
  members(): readonly Who[];
}

export function createRoster<Who extends Member>(): Roster<Who> {
  const present: Who[] = [];
  return {
    add: (member) => {
      member.place = present.length;
      present.push(member);
    },
    remove: (member) => {
      if (present[member.place] !== member) return;
      const last = present.pop();
      if (last === undefined || last === member) return;
      last.place = member.place;
      present[last.place] = last;
    },
    members: () => [...present],
  };
}
