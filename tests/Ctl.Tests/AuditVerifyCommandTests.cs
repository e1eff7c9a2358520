using System.Security.Cryptography;
using System.Text.Json;
using SidecarAgent.Testing;

namespace SidecarAgent.Ctl.Tests;

/// <summary>Against the beginning of a log that a broker wrote.</summary>
public sealed class AuditVerifyCommandTests : IDisposable
{
    private const string Head = "ac8c6c4fc4b559d800824e1d897bf7771297f185e3d7178e8a39048497a5eb4f";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly string[] _lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Fixtures", "audit.jsonl"));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_log_as_the_broker_wrote_it_is_intact()
    {
        var file = Write(_lines);

        var run = await RunAsync(file);

        Assert.Equal($"{file}: 5 entries, each follows from the one before; head {Head}\n", run.MustSucceed().Output);
    }

    [Fact]
    public async Task The_document_has_the_count_and_the_head()
    {
        var run = await RunAsync(Write(_lines), "-o", "json");

        Assert.True((bool?)run.MustSucceed().Json["intact"]);
        Assert.Equal(5, (int?)run.Json["entries"]);
        Assert.Equal(Head, (string?)run.Json["head"]);
    }

    [Fact]
    public async Task A_line_that_was_changed_is_named_and_fails()
    {
        var file = Write([.. _lines[..2], _lines[2].Replace("true", "null", StringComparison.Ordinal), .. _lines[3..]]);

        (await RunAsync(file)).MustFail(1, $"{file}: line 3: ", "the line was changed", "find out who could write to it");
    }

    [Fact]
    public async Task A_line_that_was_taken_out_is_found_also_for_programs()
    {
        var run = await RunAsync(Write([_lines[0], .. _lines[2..]]), "-o", "json");

        Assert.Equal(1, run.Code);
        Assert.False((bool?)run.Json["intact"]);
        Assert.Equal(2, (int?)run.Json["line"]);
        Assert.StartsWith("sidecarctl: ", run.Error);
    }

    [Fact]
    public async Task A_log_of_several_files_is_one_chain()
    {
        var (first, second) = (_directory.File("audit.000000000002.jsonl"), Write(_lines[2..]));
        await File.WriteAllLinesAsync(first, _lines[..2]);

        Assert.Equal(
            $"2 files: 5 entries, each follows from the one before; head {Head}\n",
            (await RunAsync(second, first)).MustSucceed().Output);
        (await RunAsync(second)).MustFail(1, $"{second}: line 1: its number is 3, expected 1");
        using var last = JsonDocument.Parse(_lines[1]);
        Assert.Contains("3 entries", (await RunAsync(second, "--after", last.RootElement.GetProperty("hash").GetString()!)).MustSucceed().Output);
    }

    [Fact]
    public async Task A_log_that_nobody_signed_fails_where_a_key_is_given()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _directory.Write("key.pub", key.ExportSubjectPublicKeyInfoPem());

        (await RunAsync(Write(_lines), "--key", _directory.File("key.pub"))).MustFail(1, "none is signed");
    }

    [Fact]
    public async Task What_is_no_hash_is_a_usage_error() =>
        (await RunAsync(Write(_lines), "--after", "abc")).MustFail(2, "--after takes a hash, 64 lower-case hex digits");

    [Fact]
    public async Task What_a_crash_cut_short_is_no_harm()
    {
        var file = Write(_lines);
        await File.AppendAllTextAsync(file, _lines[0][..40]);

        Assert.Contains("40 bytes after the last entry", (await RunAsync(file)).MustSucceed().Output);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        (await RunAsync("/nonexistent/audit.jsonl")).MustFail(1, "/nonexistent/audit.jsonl");
    }

    private string Write(IEnumerable<string> lines) => _directory.Write("audit.jsonl", string.Join('\n', lines) + "\n");

    private static Task<Run> RunAsync(string file, params string[] options) =>
        Operator.RunAsync(Operator.Bare(), ["audit", "verify", file, .. options]);
}
