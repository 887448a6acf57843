using Streaming.Storage;
using Streaming.Storage.Operations;

namespace Streaming.Silo.Commands;

/// <summary>The commands by which the scripts under <c>deploy/backup</c> reach MongoDB and Redis.</summary>
internal static class ReviewsCommands
{
    public static readonly ProgramCommand Export = Make(
        "export-reviews", "writes the reviews in MongoDB to a new file", ReviewsFile.ExportAsync);

    public static readonly ProgramCommand Import = Make(
        "import-reviews", "fills an empty MongoDB from such a file, and has the copies in Redis made anew", ReviewsFile.ImportAsync);

    private static ProgramCommand Make(string name, string summary, Func<ConnectionOptions, string, CancellationToken, Task<long>> run) => new(
        name, ["FILE"], summary, async (arguments, cancellationToken) =>
        {
            var builder = StreamingProgram.CreateBuilder(arguments.Settings);
            builder.CheckSiloSettings(Listeners.None);
            var connections = builder.Configuration.Read<ConnectionOptions>(ConnectionOptions.Section);
            Console.WriteLine($"{name}: {await run(connections, arguments.Words[0], cancellationToken)} reviews");
        });
}
