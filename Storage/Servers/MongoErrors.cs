using MongoDB.Driver;

namespace Streaming.Storage.Servers;

internal static class MongoErrors
{
    private const int DuplicateKey = 11000;

    /// <summary>Errors that a server raises before it writes: bad value, no parse, no rights, wrong type, too large, not valid, unknown command.</summary>
    private static readonly HashSet<int> Refusals = [2, 9, 13, 14, 18, 20, 40, 52, 56, 57, 59, 66, 121, 10334, 17280, 17419, DuplicateKey];

    private const int DiskFull = 14031;

    /// <summary>
    /// Tells writes that certainly left nothing behind from those of which that is not known. The driver's own messages
    /// stay out of the text: they name hosts.
    /// </summary>
    public static Exception OfWrite(Exception e) => e switch
    {
        MongoCommandException { Code: DiskFull } => new StoreRefusedException("The disk of MongoDB is full. Make room; nothing was written.", e),
        MongoCommandException refused when Refusals.Contains(refused.Code) =>
            new StoreRefusedException($"MongoDB refused the write ({Reason(e)}); nothing was written.", e),
        MongoAuthenticationException => new StoreRefusedException("MongoDB refused the user of ConnectionStrings:Mongo; nothing was written.", e),
        _ => OfRead(e),
    };

    public static StoreUnavailableException OfRead(Exception e) => new($"MongoDB cannot be read or written now ({Reason(e)}).", e);

    public static bool IsDuplicateKey(MongoCommandException e) => e.Code == DuplicateKey;

    /// <summary>Whether the server did not answer at all, which the next call would have to find out again.</summary>
    public static bool IsAway(Exception e) => e is TimeoutException or (MongoException and not MongoServerException);

    public static bool IsFailure(Exception e) => e is MongoException or TimeoutException;

    public static string Reason(Exception e) => e switch
    {
        MongoCommandException command => $"{command.Code} {command.CodeName}",
        MongoExecutionTimeoutException or TimeoutException or { InnerException: TimeoutException } => "no answer in time",
        _ => e.InnerException?.GetType().Name ?? e.GetType().Name,
    };
}
