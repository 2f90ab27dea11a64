/** Which states come to an end by themselves, and what an operator may do in which. Pure. */

export type StoryAction = 'cancel' | 'redrive' | 'purge' | 'erase';

const FINAL = ['delivered', 'dead', 'cancelled'];

export function isFinal(state: string): boolean {
  return FINAL.includes(state);
}

/** What is in the hands of a worker is left alone; one that was delivered can only be forgotten. */
export function actionsIn(state: string): readonly StoryAction[] {
  switch (state) {
    case 'waiting':
    case 'delayed':
    case 'parked':
      return ['cancel', 'erase'];
    case 'dead':
    case 'cancelled':
      return ['redrive', 'purge', 'erase'];
    case 'delivered':
      return ['erase'];
    default:
      return [];
  }
}
