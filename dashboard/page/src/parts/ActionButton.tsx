/** A button that changes something: off, with the reason, for who may only look, and while it is at work. */
import type { ComponentChildren } from 'preact';
import { useWhyNot } from './useRights.js';

export interface ActionButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly kind?: 'main' | 'danger' | 'small';
  readonly type?: 'button' | 'submit';
  readonly isBusy?: boolean;
  readonly label?: string;
}

/** It stays reachable by keyboard when it is off, so that the reason can be read. */
export function ActionButton({ children, onClick, kind, type = 'button', isBusy = false, label }: ActionButtonProps) {
  const whyNot = useWhyNot();
  const isOff = whyNot !== undefined || isBusy;
  const press = (event: Event) => {
    if (isOff) event.preventDefault();
    else onClick?.();
  };
  return (
    <button
      type={type}
      class={kind ?? ''}
      aria-disabled={isOff}
      aria-label={label}
      title={whyNot}
      onClick={press}
      data-busy={isBusy || undefined}
    >
      {children}
    </button>
  );
}
