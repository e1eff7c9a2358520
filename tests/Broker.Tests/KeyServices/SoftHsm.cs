using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.KeyServices;

/// <summary>
/// A SoftHSM v2 with one token. Its library is one for the whole process, and finds its tokens by a variable of the
/// process: tests that use it are in one collection, and take turns.
/// </summary>
public sealed partial class SoftHsm : IDisposable
{
    public const string TokenLabel = "sidecar-test";
    public const string Pin = "24681357";

    private readonly TempDirectory _directory = TempDirectory.Create();

    public SoftHsm()
    {
        Assert.True(File.Exists(Module), $"{Module} is missing; install it with: apt-get install softhsm2");
        Directory.CreateDirectory(Tokens);
        Directory.CreateDirectory(Pulled);
        var configuration = _directory.Write("softhsm2.conf", $"directories.tokendir = {Tokens}\nobjectstore.backend = file\nlog.level = ERROR\n");
        _ = SetVariable("SOFTHSM2_CONF", configuration, 1);
        Environment.SetEnvironmentVariable("SOFTHSM2_CONF", configuration);
        Run("softhsm2-util", "softhsm2", "--init-token", "--free", "--label", TokenLabel, "--pin", Pin, "--so-pin", "97531864");
        WritePin(Pin);
    }

    public static string Module => "/usr/lib/softhsm/libsofthsm2.so";

    public string PinFile => _directory.File("pin");

    private string Tokens => _directory.File("tokens");

    private string Pulled => _directory.File("pulled");

    internal KekOptions.InToken Key(string label) => new(Module, TokenLabel, label, PinFile);

    public void WritePin(string pin)
    {
        File.Delete(PinFile);
        _directory.Write("pin", $"{pin}\n");
        File.SetUnixFileMode(PinFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Makes a key as the documentation says to, without the broker.</summary>
    public static void MakeKeyWithPkcs11Tool(string label) => Run(
        "pkcs11-tool", "opensc", "--module", Module, "--token-label", TokenLabel, "--login", "--pin", Pin,
        "--keygen", "--key-type", "AES:32", "--label", label, "--id", "0a1b2c3d", "--sensitive");

    /// <summary>Somebody pulls it out.</summary>
    public void Pull() => Move(Tokens, Pulled);

    public void PutBack() => Move(Pulled, Tokens);

    public void Dispose() => _directory.Dispose();

    private static void Move(string from, string to)
    {
        foreach (var token in Directory.GetDirectories(from))
            Directory.Move(token, Path.Combine(to, Path.GetFileName(token)));
    }

    private static void Run(string program, string package, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"{program}: {error.Result}");
        }
        catch (Win32Exception)
        {
            Assert.Fail($"{program} is missing; install it with: apt-get install {package}");
        }
    }

    /// <summary>The library reads the variables that the process was started with; those of .NET are another copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);
}

[CollectionDefinition(Name)]
public sealed class SoftHsmUsers : ICollectionFixture<SoftHsm>
{
    public const string Name = "SoftHSM";
}
