using System.Reflection;
using Streaming.Media;
using Streaming.Storage;
using Streaming.Storage.Operations;

namespace Streaming.Silo.Commands;

/// <summary>The commands that copy the embedded family while a program runs on it, and make a data folder of such a copy.</summary>
public static class Backup
{
    private const string Into = "into";

    /// <param name="check">Looks at the settings.</param>
    public static ProgramCommand With(Action<WebApplicationBuilder> check) => new(
        "backup", ["DIR"], "copies databases, keys and media to the empty folder DIR, while the program runs", async (arguments, cancellationToken) =>
        {
            var folders = Folders(arguments, check);
            var manifest = await EmbeddedBackup.CreateAsync(folders, arguments.Words[0], ProgramVersion(), TimeProvider.System, cancellationToken);
            Console.WriteLine($"Backed up {folders.Data} to {arguments.Words[0]}: {Describe(manifest)}. All that was acknowledged before {manifest.Mark:O} is in it.");
        });

    /// <param name="check">Looks at the settings.</param>
    public static ProgramCommand Restoring(Action<WebApplicationBuilder> check) => new(
        "restore", ["DIR"], "makes a data folder of the backup in DIR; with --into FOLDER another than Storage:Path", async (arguments, cancellationToken) =>
        {
            var folders = Folders(arguments, check);
            if (new ConfigurationBuilder().AddCommandLine(arguments.Settings).Build()[Into] is { Length: > 0 } into)
                folders = new BackedUpFolders(into, null);
            else if (arguments.Settings.Any(word => word.StartsWith($"--{Into}", StringComparison.OrdinalIgnoreCase)))
                throw new StartupException($"--{Into} names no folder.");

            var manifest = await EmbeddedRestore.RunAsync(arguments.Words[0], folders, cancellationToken);
            Console.WriteLine($"Restored {arguments.Words[0]} to {folders.Data}: {Describe(manifest)}. It is as of {manifest.Mark:O}, and can be started.");
        });

    private static BackedUpFolders Folders(CommandArguments arguments, Action<WebApplicationBuilder> check)
    {
        var builder = StreamingProgram.CreateBuilder(arguments.Settings);
        check(builder);
        var storage = builder.Configuration.Read<StorageOptions>(StorageOptions.Section);
        if (storage.Family != StorageFamily.Embedded)
            throw new StartupException("Storage:Family is Servers: deploy/backup/backup and deploy/backup/restore are for them. See docs/backup.md.");

        var media = builder.Configuration.Read<MediaOptions>(MediaOptions.Section);
        return new BackedUpFolders(storage.Path, string.IsNullOrEmpty(media.Path) ? Path.Combine(storage.Path, EmbeddedBackup.MediaName) : media.Path);
    }

    private static string Describe(BackupManifest manifest) => FormattableString.Invariant(
        $"{manifest.Files.Count} files, {manifest.Files.Sum(file => file.Bytes) >> 10} KB");

    private static string ProgramVersion() =>
        typeof(Backup).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
