// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import {Parsers} from "../harness/Parsers.sol";
import {vm} from "../harness/Vm.sol";

/**
 * @title The parsers on any bytes, and on genuine bytes with changes: a result or an error by name, never
 * a panic, within a bound of gas that grows with the length alone
 */
contract ParsersTest {
    /// @dev Kinds of the fixtures, in the order of `StoreHandler.Kind`.
    uint256 private constant _KINDS = 7;
    bytes32 private constant _ALPHABET = "0123456789abcdefABCDEFTZ:-\",{}[]";

    Parsers private _parsers;
    /// One genuine item of each kind.
    bytes[_KINDS] private _genuine;
    bytes private _quote;

    function setUp() external {
        _parsers = new Parsers();
        string memory json = vm.readFile("test/contracts/fixtures/store.json");
        uint256[] memory kinds = vm.parseJsonUintArray(json, ".kinds");
        bytes[] memory payloads = vm.parseJsonBytesArray(json, ".payloads");
        for (uint256 i = kinds.length; i > 0; --i) _genuine[kinds[i - 1]] = payloads[i - 1];
        bytes[] memory calls = vm.parseJsonBytesArray(json, ".calls");
        _quote = calls[0];
    }

    function testFuzz_anyBytesAreReadOrRefusedByName(bytes calldata data) external view {
        for (uint256 kind = 0; kind <= _KINDS; ++kind) _read(kind, data);
        for (uint256 kind = 0; kind < 6; ++kind) {
            _call(abi.encodeCall(Parsers.primitive, (data, kind)), data.length);
        }
        _call(abi.encodeCall(Parsers.skip, (data)), data.length);
        _call(abi.encodeCall(Parsers.text, (data)), data.length);
        _call(abi.encodeCall(Parsers.number, (data, type(uint16).max)), data.length);
        _call(abi.encodeCall(Parsers.hexBytes, (data, 48)), data.length);
        _call(abi.encodeCall(Parsers.jsonTime, (data)), data.length);
    }

    function testFuzz_genuineBytesWithChangesAreReadOrRefusedByName(
        uint256 place,
        bytes4 bytes_,
        uint8 count,
        bool isSyntax
    ) external view {
        for (uint256 kind = 0; kind < _KINDS; ++kind) {
            bytes memory data = bytes.concat(_genuine[kind]);
            for (uint256 i = 0; i <= count % 4; ++i) {
                bytes1 octet = isSyntax ? _ALPHABET[uint8(bytes_[i]) % 32] : bytes_[i];
                data[uint256(keccak256(abi.encode(place, i))) % data.length] = octet;
            }
            _read(kind, data);
        }
    }

    function testFuzz_genuineBytesCutShortAreRefusedByName(uint256 length) external view {
        for (uint256 kind = 0; kind < _KINDS; ++kind) {
            bytes memory data = bytes.concat(_genuine[kind]);
            uint256 kept = length % data.length;
            assembly ("memory-safe") {
                mstore(data, kept)
            }
            assert(!_read(kind, data));
        }
    }

    function test_genuineBytesAreRead() external view {
        for (uint256 kind = 0; kind < _KINDS; ++kind) assert(_read(kind, _genuine[kind]));
    }

    function testFuzz_aQuoteOfAnyLengthIsReadOrRefusedByName(uint256 length, uint16 version, uint16 bodyType)
        external
        view
    {
        bytes memory data = bytes.concat(_quote);
        // The quote's bytes lie behind the selector, the evidence's place, its head and the length.
        bytes memory quote = new bytes(length % 1_400);
        for (uint256 i = 0; i < quote.length && 516 + i < data.length; ++i) quote[i] = data[516 + i];
        if (quote.length > 60) {
            quote[0] = bytes1(uint8(version % 8));
            quote[48] = bytes1(uint8(bodyType % 5));
        }
        _read(_KINDS, quote);
    }

    function testFuzz_timesAreThoseOfANaiveCalendar(uint32 time) external view {
        (uint256 year, bytes10 rest) = _digits(time);
        (bool ok, uint256 found) = _parsers.toUnix(year, rest);
        // 2106 is left out whole, though its first weeks would fit 32 bits.
        if (year == 2106) {
            assert(!ok);
            return;
        }
        assert(ok && found == time);
        bytes memory json = abi.encodePacked('"', _isoOf(year, rest), '"');
        assert(_parsers.jsonTime(json) == time);
        bytes memory der = abi.encodePacked(hex"180f", _four(year), rest, "Z");
        assert(_parsers.primitive(der, 4) == time);
    }

    function testFuzz_textsAndNumbersComeBack(uint64 number, bytes32 text, bytes32 high, bytes16 low) external view {
        assert(_parsers.number(bytes(_decimal(number)), type(uint64).max) == number);
        bytes memory plain = abi.encodePacked(text);
        for (uint256 i = 0; i < 32; ++i) {
            uint8 character = uint8(plain[i]);
            if (character < 0x20 || character == 0x22 || character == 0x5c) plain[i] = "x";
        }
        assert(_parsers.text(abi.encodePacked(' "', plain, '"\n')) == bytes32(plain));
        bytes memory digits = abi.encodePacked('"', _hex(abi.encodePacked(high, low)), '"');
        (bytes32 foundHigh, bytes32 foundLow) = _parsers.hexBytes(digits, 48);
        assert(foundHigh == high && foundLow == bytes32(low));
    }

    /// @dev The set is what was filled, less what no certificate can have; nothing else is in it.
    function testFuzz_bucketsHoldExactlyWhatWasFilled(uint160[] calldata some, uint256 tooLong, uint160 other)
        external
        view
    {
        uint256[] memory serials = new uint256[](some.length + 1);
        bool isOther = true;
        for (uint256 i = 0; i < some.length; ++i) {
            serials[i] = some[i];
            if (some[i] == other) isOther = false;
        }
        serials[some.length] = tooLong | (1 << 160);
        bytes[] memory buckets = _parsers.buckets(serials);
        uint256 length = 0;
        for (uint256 i = 0; i < buckets.length; ++i) length += buckets[i].length;
        assert(length % 20 == 0 && length <= 20 * some.length);
        for (uint256 i = 0; i < some.length; ++i) {
            assert(_parsers.contains(buckets, serials.length, some[i]));
        }
        if (isOther) assert(!_parsers.contains(buckets, serials.length, other));
        assert(!_parsers.contains(buckets, serials.length, serials[some.length]));
    }

    /// @dev Calls the parser of a kind; says whether it read the bytes.
    function _read(uint256 kind, bytes memory data) private view returns (bool) {
        bytes4 selector = Parsers.quote.selector;
        if (kind == 0 || kind == 3) selector = Parsers.crl.selector;
        else if (kind == 1 || kind == 2) selector = Parsers.certificate.selector;
        else if (kind == 4) selector = Parsers.tcbInfo.selector;
        else if (kind == 5) selector = Parsers.qeIdentity.selector;
        else if (kind == 6) selector = Parsers.pckCertificate.selector;
        return _call(abi.encodeWithSelector(selector, data), data.length);
    }

    /// @dev The most that Intel's densest documents take is about 300 gas a byte.
    function _call(bytes memory data, uint256 length) private view returns (bool ok) {
        bytes memory answer;
        uint256 gas = gasleft();
        (ok, answer) = address(_parsers).staticcall(data);
        gas -= gasleft();
        assert(gas < 200_000 + 1_000 * length);
        if (ok) return true;
        assert(answer.length >= 4);
        bytes4 selector = bytes4(answer);
        // Panic(uint256) and Error(string).
        assert(selector != 0x4e487b71 && selector != 0x08c379a0);
    }

    /// @dev Years and months are counted one after another.
    function _digits(uint256 time) private pure returns (uint256 year, bytes10 rest) {
        uint256 day = time / 1 days;
        year = 1970;
        while (day >= _daysOf(year)) day -= _daysOf(year++);
        uint256 month = 0;
        uint8[12] memory lengths = [31, _daysOf(year) == 366 ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        while (day >= lengths[month]) day -= lengths[month++];
        uint256 second = time % 1 days;
        rest = bytes10(
            bytes.concat(
                _two(month + 1), _two(day + 1), _two(second / 3600), _two((second / 60) % 60), _two(second % 60)
            )
        );
    }

    function _daysOf(uint256 year) private pure returns (uint256) {
        return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0) ? 366 : 365;
    }

    function _isoOf(uint256 year, bytes10 rest) private pure returns (bytes memory) {
        bytes memory d = abi.encodePacked(rest);
        bytes memory date = abi.encodePacked(_four(year), "-", d[0], d[1], "-", d[2], d[3]);
        return abi.encodePacked(date, "T", d[4], d[5], ":", d[6], d[7], ":", d[8], d[9], "Z");
    }

    function _two(uint256 value) private pure returns (bytes memory) {
        return abi.encodePacked(bytes1(uint8(0x30 + value / 10)), bytes1(uint8(0x30 + value % 10)));
    }

    function _four(uint256 value) private pure returns (bytes memory) {
        return bytes.concat(_two(value / 100), _two(value % 100));
    }

    function _decimal(uint256 value) private pure returns (string memory text) {
        do {
            text = string.concat(string(abi.encodePacked(bytes1(uint8(0x30 + value % 10)))), text);
            value /= 10;
        } while (value > 0);
    }

    function _hex(bytes memory data) private pure returns (bytes memory text) {
        bytes16 digits = "0123456789abcdef";
        for (uint256 i = 0; i < data.length; ++i) {
            text = abi.encodePacked(text, digits[uint8(data[i]) >> 4], digits[uint8(data[i]) & 15]);
        }
    }
}
