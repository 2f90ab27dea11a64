/** What must be known first, above every view. */
import { useEffect, useState } from 'preact/hooks';
import { bannersOf, type Banner } from './banners.js';
import { usePage } from './context.js';
import { useStore } from './store.js';

export function BannerList() {
  const page = usePage();
  const overview = useStore(page.overview);
  const isLive = useStore(page.isLive);
  const now = useStore(page.now);
  const banners = bannersOf(overview, isLive, now);
  return (
    <>
      <div class="banners" data-name="banners">
        {banners.map((banner) => (
          <BannerLine key={banner.title} banner={banner} />
        ))}
      </div>
      <Announcement text={banners.map(({ title }) => title).join('. ')} />
    </>
  );
}

function BannerLine({ banner: { kind, title, detail, page } }: { readonly banner: Banner }) {
  return (
    <div class={`banner ${kind}`}>
      <strong>{title}</strong>
      <span>
        {detail} {page && <a href={`docs/${page}`}>What to do</a>}
      </span>
    </div>
  );
}

/** For those who hear the page: only what is new, not the seconds that pass in it. */
function Announcement({ text }: { readonly text: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => setSaid(text), [text]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}
