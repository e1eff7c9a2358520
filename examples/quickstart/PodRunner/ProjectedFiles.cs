using Mono.Unix.Native;

namespace SidecarAgent.Quickstart.PodRunner;

/// <summary>
/// Writes the files of a projected volume as the kubelet does: FILE is a link to ..data/FILE, ..data is a link to the
/// directory with the present content, and one rename(2) changes all files.
/// </summary>
internal sealed class ProjectedFiles(string directory)
{
    private int _generation;

    /// <summary>Mode 0644, the kubelet's default.</summary>
    public void Write(IReadOnlyDictionary<string, string> files)
    {
        var generation = $"..generation_{++_generation}";
        Directory.CreateDirectory(Path.Combine(directory, generation));
        foreach (var (name, content) in files)
            File.WriteAllText(Path.Combine(directory, generation, name), content);

        var link = Path.Combine(directory, "..data");
        var newLink = Path.Combine(directory, "..data_tmp");
        File.Delete(newLink);
        File.CreateSymbolicLink(newLink, generation);
        // File.Move cannot replace a link to a directory.
        if (Syscall.rename(newLink, link) != 0)
            throw new IOException($"rename {newLink} to {link}: {Stdlib.GetLastError()}");

        foreach (var name in files.Keys.Where(name => !File.Exists(Path.Combine(directory, name))))
            File.CreateSymbolicLink(Path.Combine(directory, name), Path.Combine("..data", name));
        var previous = Path.Combine(directory, $"..generation_{_generation - 1}");
        if (Directory.Exists(previous))
            Directory.Delete(previous, recursive: true);
    }
}
