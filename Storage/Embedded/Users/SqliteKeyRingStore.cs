using Streaming.Users;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteKeyRingStore(EmbeddedDatabase database, TimeProvider time) : IKeyRingStore
{
    private const string Select = """
        SELECT element FROM auth_data_protection_keys ORDER BY number LIMIT $limit
        """;

    public async Task<IReadOnlyList<string>> ListAsync(int limit, CancellationToken cancellationToken) =>
        await database.Analytics.ReadAsync(c => c.Query(r => r.GetString(0), Select, ("$limit", limit)), cancellationToken);

    private const string Insert = """
        INSERT INTO auth_data_protection_keys (number, element, created_at) VALUES ($number, $element, $now) ON CONFLICT DO NOTHING
        """;

    public async Task<bool> AddAsync(int number, string element, CancellationToken cancellationToken) =>
        await database.Analytics.WriteAsync(
            c => c.Execute(Insert, ("$number", number), ("$element", element), ("$now", time.GetUtcNow().ToUnixTimeMilliseconds())),
            cancellationToken) == 1;
}
