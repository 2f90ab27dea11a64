/** The login page: exchanges the token for the cookie of a session. */
import './styles/login.css';

const token = document.getElementById('token') as HTMLInputElement;
const fault = document.getElementById('fault') as HTMLElement;
const button = document.getElementById('button') as HTMLButtonElement;
const form = document.getElementById('form') as HTMLFormElement;

/** The view that was asked for is in the address still. */
function enter(): void {
  location.replace(`./${location.hash}`);
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  void logIn();
});

async function logIn(): Promise<void> {
  button.disabled = true;
  fault.textContent = '';
  try {
    const headers = { 'Content-Type': 'application/json' };
    const body = JSON.stringify({ token: token.value.trim() });
    const answer = await fetch('api/session', { method: 'POST', headers, body });
    if (answer.ok) return enter();
    say(explain(answer));
  } catch {
    say('The dashboard does not answer.');
  } finally {
    button.disabled = false;
  }
}

function say(message: string): void {
  fault.textContent = message;
  token.setAttribute('aria-invalid', 'true');
  token.select();
}

function explain(answer: Response): string {
  if (answer.status === 401) return 'This token is not known.';
  if (answer.status === 429)
    return `Too many wrong tokens. Try again in ${answer.headers.get('Retry-After') ?? 'some'} s.`;
  return `It did not work (HTTP ${answer.status}).`;
}

// Who is in already, or needs no token, has no business here.
fetch('api/session').then(
  (answer) => {
    if (answer.ok) enter();
  },
  () => undefined,
);
