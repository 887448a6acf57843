using Streaming.Users;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

internal sealed class PostgresKeyRingStore(ServerConnections connections) : IKeyRingStore
{
    private const string Store = "The analytics database";

    private const string Select = """
        SELECT element FROM auth.data_protection_keys ORDER BY number LIMIT $1
        """;

    public async Task<IReadOnlyList<string>> ListAsync(int limit, CancellationToken cancellationToken) =>
        await connections.Analytics.Command(Select, Value(limit)).ReadAsync(Store, reader => reader.GetString(0), cancellationToken);

    private const string Insert = """
        INSERT INTO auth.data_protection_keys (number, element) VALUES ($1, $2) ON CONFLICT DO NOTHING
        """;

    public async Task<bool> AddAsync(int number, string element, CancellationToken cancellationToken) =>
        await PostgresErrors.WriteAsync(
            Store, () => connections.Analytics.Command(Insert, Value(number), Value(element)).ExecuteAsync(cancellationToken)) == 1;
}
