export function Logo() {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 11h10a5 5 0 0 1 0 10h-2m10 0H15m6-4 4 4-4 4" />
      <circle cx="8" cy="21" r="2.2" />
    </svg>
  );
}
