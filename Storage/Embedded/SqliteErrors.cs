using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace Streaming.Storage.Embedded;

internal static class SqliteErrors
{
    /// <summary>Tells errors that certainly left nothing behind from those of which that is not known.</summary>
    public static Exception Translate(SqliteException e, string path) => e.SqliteErrorCode switch
    {
        SQLITE_FULL => new StoreRefusedException($"The disk under {path} is full. Make room; nothing was written.", e),
        SQLITE_READONLY => new StoreRefusedException($"{path} has become read-only. Make it writable; nothing was written.", e),
        SQLITE_CONSTRAINT or SQLITE_TOOBIG or SQLITE_BUSY or SQLITE_LOCKED =>
            new StoreRefusedException($"{path} refused the write ({e.Message}); nothing was written.", e),
        _ => new StoreUnavailableException($"{path} cannot be read or written ({e.Message}).", e),
    };

    /// <summary>Whether the file is no database, or a broken one.</summary>
    public static bool IsDamage(SqliteException e) => e.SqliteErrorCode is SQLITE_CORRUPT or SQLITE_NOTADB or SQLITE_FORMAT;
}
