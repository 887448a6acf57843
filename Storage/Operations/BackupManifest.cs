using System.Text.Json;

namespace Streaming.Storage.Operations;

/// <summary>What a backup holds. It is written last: a folder without one holds no whole backup.</summary>
/// <param name="Mark">What was acknowledged before this moment is in it.</param>
/// <param name="Schemas">Versions of the databases, by name.</param>
public sealed record BackupManifest(
    int Format, string Program, DateTimeOffset Mark, IReadOnlyDictionary<string, int> Schemas, IReadOnlyList<BackupFile> Files)
{
    internal const int NewestFormat = 1;
    internal const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    internal void Save(string folder)
    {
        var draft = Path.Combine(folder, FileName + ".draft");
        DurableFile.Write(draft, JsonSerializer.SerializeToUtf8Bytes(this, Json));
        File.Move(draft, Path.Combine(folder, FileName));
        DurableFile.FlushNames(folder);
    }

    /// <exception cref="StartupException">There is none, or it is none of a backup that this program can restore.</exception>
    internal static BackupManifest Load(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new StartupException($"{folder} holds no whole backup: it has no {FileName}, which is written last. Name the folder of a backup that ended well.");

        try
        {
            var manifest = JsonSerializer.Deserialize<BackupManifest>(File.ReadAllBytes(path), Json) ?? throw new JsonException("It is empty");
            if (manifest.Format > NewestFormat)
                throw new StartupException($"The backup in {folder} has format {manifest.Format}, and this program knows {NewestFormat}. Restore it with the program that made it ({manifest.Program}).");

            return manifest.Files.FirstOrDefault(file => !file.IsInside) is { } outside ? throw new JsonException($"It names {outside.Path}") : manifest;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new StartupException($"{path} cannot be read ({e.Message.TrimEnd('.')}). Use another backup.", e);
        }
    }
}

/// <param name="Path">In the backup's folder, with <c>/</c>.</param>
public sealed record BackupFile(string Path, long Bytes, string Sha256)
{
    /// <summary>Whether it is a name below the folder, and nothing else.</summary>
    internal bool IsInside => Path.Length > 0 && Path.Split('/').All(part => part.Length > 0 && part is not ("." or "..") && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.'));
}
