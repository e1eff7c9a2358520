using System.Globalization;
using System.Text;
using SidecarAgent.Agent.Files;

namespace SidecarAgent.ProjectionHost;

/// <summary>
/// Sets of files that tell their number in every file, so that a mix of two shows. Names come and go with the number.
/// </summary>
internal static class NumberedSet
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.GroupRead;

    public static IReadOnlyList<string> Names(long number) =>
        ["password", "tls/server.crt", "tls/server.key", number % 2 == 0 ? "even" : "odd", "a/b/c"];

    public static IReadOnlyList<ProjectedFile> Files(long number)
    {
        var content = Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));
        return [.. Names(number).Select(name => FilePath.TryParse(name, out var path, out var problem)
            ? new ProjectedFile(path, content, Mode)
            : throw new InvalidOperationException(problem))];
    }
}
