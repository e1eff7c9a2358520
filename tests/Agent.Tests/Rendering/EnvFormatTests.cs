using System.Diagnostics;
using System.Text;
using CsCheck;
using SidecarAgent.Agent.Configuration;

namespace SidecarAgent.Agent.Tests.Rendering;

public sealed class EnvFormatTests
{
    private static readonly Gen<byte[]> AnyBytesButNul = Gen.OneOf(
        Gen.Byte[1, 255].Array[0, 40],
        Fields.Text.Select(text => Encoding.UTF8.GetBytes(text.Replace("\0", "", StringComparison.Ordinal))));

    [Fact]
    public void Quotes_and_line_breaks_stay_inside_the_value() =>
        Assert.Equal("A='it'\\''s\ntwo'\nB=''\n", Rendered.Text(FileFormat.Env, ("B", ""), ("A", "it's\ntwo")));

    [Theory]
    [InlineData("1st")]
    [InlineData("api-key")]
    [InlineData("a.b")]
    public void A_name_that_is_no_shell_name_is_refused(string name) =>
        Assert.StartsWith(
            $"file: secret kv/shop/orders has a field '{name}', which is no name for a shell variable",
            Rendered.Problem(FileFormat.Env, null, (name, [])));

    [Fact]
    public void A_NUL_byte_is_refused_by_the_field_s_name() =>
        Assert.Contains("has a field 'A' with a NUL byte", Rendered.Problem(FileFormat.Env, null, ("A", [65, 0])));

    [Fact]
    public void A_shell_that_sources_the_file_gets_the_same_bytes() =>
        Fields.Of(Fields.ShellName, AnyBytesButNul).Sample(
            fields => Assert.Equal(fields.Select(f => f.Value), Sourced(fields)), iter: 60, threads: 1);

    private static List<byte[]> Sourced(KeyValuePair<string, byte[]>[] fields)
    {
        var directory = Directory.CreateTempSubdirectory("env-format-");
        try
        {
            var file = Path.Combine(directory.FullName, "file.env");
            File.WriteAllBytes(file, Rendered.Bytes(FileFormat.Env, null, fields));
            var prints = fields.Select(f => $"printf '%s\\0' \"${f.Key}\"");
            var start = new ProcessStartInfo("/bin/sh", ["-c", $". '{file}'; " + string.Join("; ", prints)])
            {
                RedirectStandardOutput = true,
            };
            start.Environment["LC_ALL"] = "C";
            using var shell = Process.Start(start)!;
            var output = new MemoryStream();
            shell.StandardOutput.BaseStream.CopyTo(output);
            shell.WaitForExit();
            return SplitAtNul(output.ToArray());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static List<byte[]> SplitAtNul(ReadOnlySpan<byte> output)
    {
        var values = new List<byte[]>();
        for (var end = output.IndexOf((byte)0); end >= 0; end = output.IndexOf((byte)0))
        {
            values.Add(output[..end].ToArray());
            output = output[(end + 1)..];
        }

        return values;
    }
}
