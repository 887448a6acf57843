using Microsoft.Data.Sqlite;

namespace Streaming.Tests.Processes;

/// <summary>The ledger's tables as a stopped server left them, read past the program.</summary>
internal static class LedgerFiles
{
    /// <summary>Whether everything journalled is applied, and totals, hours and days tell the same.</summary>
    public static void AreSettled(string folder)
    {
        Assert.Equal(0, Scalar(folder, "journal", "SELECT count(*) FROM view_journal"));
        Assert.Equal(0, Scalar(folder, "journal", "SELECT count(*) FROM view_journal_quarantine"));
        Assert.Equal(0, Scalar(folder, "metadata", "SELECT count(*) FROM ledger_writers"));
        // Demo data fills totals and days alike, and no hours.
        Assert.Equal(0, Scalar(folder, "metadata", """
            SELECT count(*) FROM content_views v
            WHERE views <> (SELECT coalesce(sum(d.views), 0) FROM trending_daily d WHERE d.content_id = v.content_id)
            """));
    }

    public static long ViewsOf(string folder, Guid title) =>
        Scalar(folder, "metadata", "SELECT views FROM content_views WHERE content_id = $id", title);

    public static long HourlyViewsOf(string folder, Guid title) =>
        Scalar(folder, "metadata", "SELECT coalesce(sum(views), 0) FROM trending_hourly WHERE content_id = $id", title);

    private static long Scalar(string folder, string file, string sql, Guid? id = null)
    {
        var source = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, file + ".db"), Pooling = false };
        using var connection = new SqliteConnection(source.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (id is { } value)
            command.Parameters.AddWithValue("$id", value.ToByteArray(bigEndian: true));

        return (long)command.ExecuteScalar()!;
    }
}
