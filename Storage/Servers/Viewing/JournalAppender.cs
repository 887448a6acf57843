using Npgsql;
using Streaming.Ledger;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// The acknowledgement's part of <see cref="CitusViewJournal"/>: one row in one shard, on a connection of its own, since the
/// pool would hand out another server process each time, which has nothing of the statement at hand.
/// </summary>
internal sealed class JournalAppender(ServerConnections connections) : IDisposable
{
    public const string Store = "The metadata database";

    // A ledger appends one batch at a time.
    private readonly Lock appending = new();
    private NpgsqlConnection? connection;

    private const string InsertRow = """
        INSERT INTO view_journal (writer_id, batch_no, content_ids, counts, receipts) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
        """;

    /// <inheritdoc cref="IViewJournal.Append"/>
    public void Append(string writerId, long batch, JournalEntries entries)
    {
        lock (appending)
        {
            connection ??= connections.Metadata.OpenToWrite(Store);
            try
            {
                using var command = connection.Command(
                    InsertRow, Value(writerId), Value(batch), Value(entries.ContentIds), Value(entries.Counts), CitusViewTotals.ReceiptsOf(entries));
                // Once a connection; parsing it each time costs more than the row.
                command.Prepare();
                command.ExecuteNonQuery();
            }
            catch (Exception e)
            {
                connection.Dispose();
                connection = null;
                if (e is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
                    throw new WriterGoneException(writerId);

                if (e is NpgsqlException database)
                    throw PostgresErrors.Translate(database, Store);

                throw;
            }
        }
    }

    public void Dispose()
    {
        lock (appending)
            connection?.Dispose();
    }
}
