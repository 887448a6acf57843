using Npgsql;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// Forgets receipts and hourly counts that are old enough, in small steps that read ids first and then delete by them: what
/// Citus can send to just their shards.
/// </summary>
internal static class ExpiredViews
{
    private const int ForgottenPerCall = 5_000;

    // Any number that nothing else on this database locks by.
    private const long ForgettingLock = 0x53_54_52_4D_01;

    private static readonly TimeSpan ReceiptLifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan HourlyLifetime = TimeSpan.FromDays(2);

    private const string TryLock = "SELECT pg_try_advisory_xact_lock($1), now()";
    private const string SelectOldest = "SELECT min(accepted_at) FROM view_journal";
    private const string SelectReceipts = "SELECT receipt FROM view_receipts WHERE accepted_at < $1 LIMIT $2";
    private const string DeleteReceipts = "DELETE FROM view_receipts WHERE receipt = ANY ($1)";
    private const string SelectHour = "SELECT min(hour) FROM trending_hourly WHERE hour < $1";
    private const string SelectHourTitles = "SELECT content_id FROM trending_hourly WHERE hour = $1 LIMIT $2";
    private const string DeleteHour = "DELETE FROM trending_hourly WHERE hour = $1 AND content_id = ANY ($2)";

    /// <returns>How many rows; 0 also while another silo does it.</returns>
    public static async Task<int> ForgetAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // One silo at a time: two that delete the same rows would only wait for each other.
        var (locked, now) = (await connection.Command(TryLock, Value(ForgettingLock))
            .QueryAsync(r => (r.GetBoolean(0), r.GetFieldValue<DateTimeOffset>(1)), cancellationToken))[0];
        if (!locked)
            return 0;

        // A row that waits may repeat a key of the 24 hours before it.
        var oldest = await MomentAsync(connection.Command(SelectOldest), cancellationToken) ?? now;
        var before = (oldest < now ? oldest : now) - ReceiptLifetime;
        var receipts = await connection.Command(SelectReceipts, Value(before), Value(ForgottenPerCall)).QueryAsync(r => r.GetGuid(0), cancellationToken);
        if (receipts.Count > 0)
            await connection.Command(DeleteReceipts, Value(receipts.ToArray())).ExecuteAsync(cancellationToken);

        var forgotten = receipts.Count;
        if (await MomentAsync(connection.Command(SelectHour, Value(now - HourlyLifetime)), cancellationToken) is { } hour)
        {
            var titles = await connection.Command(SelectHourTitles, Value(hour), Value(ForgottenPerCall)).QueryAsync(r => r.GetGuid(0), cancellationToken);
            forgotten += await connection.Command(DeleteHour, Value(hour), Value(titles.ToArray())).ExecuteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return forgotten;
    }

    private static async Task<DateTimeOffset?> MomentAsync(NpgsqlCommand command, CancellationToken cancellationToken) =>
        (await command.QueryAsync(r => r.IsDBNull(0) ? (DateTimeOffset?)null : r.GetFieldValue<DateTimeOffset>(0), cancellationToken)).Single();
}
