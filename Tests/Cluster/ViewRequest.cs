namespace Streaming.Tests.Processes;

/// <summary>One request that records views, by one of the routes.</summary>
/// <param name="Views">Every view that it carries.</param>
/// <param name="Keyed">Whether all of them have a key: then it may be repeated.</param>
/// <param name="Key">Of the request; null for none or where its entries have their own.</param>
internal sealed record ViewRequest(string Path, string Body, IReadOnlyList<(Guid Title, int Count)> Views, bool Keyed, string? Key)
{
    private const string Batch = "/api/v1/views";

    /// <summary>One of the seven ways to record views. Titles of <paramref name="keyedOnly"/> get views with a key only, so that they must count exactly.</summary>
    public static ViewRequest Draw(Random random, Guid[] titles, Guid[] keyedOnly)
    {
        var keyed = random.Next(2) == 0;
        var key = keyed ? NewKey(random) : null;
        var from = keyed ? [.. titles, .. keyedOnly] : titles;
        var title = from[random.Next(from.Length)];
        switch (random.Next(keyed ? 4 : 3))
        {
            case 0:
                return new ViewRequest($"/api/v1/content/{title}/views/increment", "{}", [(title, 1)], keyed, key);
            case 1:
                var count = random.Next(1, 100);
                return new ViewRequest($"/api/v1/content/{title}/views", $$"""{"count":{{count}}}""", [(title, count)], keyed, key);
            case 2:
                var views = DrawViews(random, from);
                return new ViewRequest(
                    Batch, $"[{string.Join(',', views.Select(v => $$"""{"content_id":"{{v.Title}}","count":{{v.Count}}}"""))}]", views, keyed, key);
            default:
                var entries = DrawViews(random, from);
                var body = entries.Select(v => $$"""{"content_id":"{{v.Title}}","count":{{v.Count}},"key":"{{NewKey(random)}}"}""");
                return new ViewRequest(Batch, string.Join('\n', body), entries, Keyed: true, Key: null);
        }
    }

    public HttpRequestMessage ToMessage(OnceContent content)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(Path, UriKind.Relative)) { Content = content };
        if (Key is not null)
            message.Headers.Add("Idempotency-Key", Key);

        return message;
    }

    private static (Guid Title, int Count)[] DrawViews(Random random, Guid[] titles) =>
        [.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => (titles[random.Next(titles.Length)], random.Next(1, 10)))];

    private static string NewKey(Random random) => $"key-{random.NextInt64():x16}{random.NextInt64():x16}";
}
